using NotificationService.Mail;

namespace NotificationService.UnitTests.Mail;

public sealed class MailOptionsTests
{
    [Fact]
    public void Defaults_are_valid()
    {
        Assert.Null(new MailOptions().FindProblem());
        Assert.Null(new SmtpOptions().FindProblem());
    }

    [Fact]
    public void A_wrong_setting_is_named()
    {
        Assert.StartsWith("Mail:From", new MailOptions { From = "nobody" }.FindProblem(), StringComparison.Ordinal);
        Assert.StartsWith("Mail:JoinLink", new MailOptions { JoinLink = "javascript:alert(1)" }.FindProblem(), StringComparison.Ordinal);
        Assert.StartsWith("Smtp:Port", new SmtpOptions { Host = "mail", Port = 0 }.FindProblem(), StringComparison.Ordinal);
    }
}
