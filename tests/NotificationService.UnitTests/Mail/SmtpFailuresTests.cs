using System.Net.Sockets;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using NotificationService.Mail;

namespace NotificationService.UnitTests.Mail;

public sealed class SmtpFailuresTests
{
    [Theory]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, SmtpStatusCode.MailboxUnavailable, SendResult.Rejected)]
    [InlineData(SmtpErrorCode.MessageNotAccepted, SmtpStatusCode.TransactionFailed, SendResult.Rejected)]
    [InlineData(SmtpErrorCode.RecipientNotAccepted, SmtpStatusCode.MailboxBusy, SendResult.Deferred)]
    [InlineData(SmtpErrorCode.MessageNotAccepted, SmtpStatusCode.ErrorInProcessing, SendResult.Deferred)]
    [InlineData(SmtpErrorCode.UnexpectedStatusCode, SmtpStatusCode.ServiceNotAvailable, SendResult.Deferred)]
    [InlineData(SmtpErrorCode.SenderNotAccepted, SmtpStatusCode.MailboxUnavailable, SendResult.Unavailable)]
    internal void A_reply_of_the_server_decides_what_becomes_of_the_mail(SmtpErrorCode error, SmtpStatusCode status, SendResult expected)
    {
        var outcome = SmtpFailures.Classify(new SmtpCommandException(error, status, new MailboxAddress("", "ben@example.org"), "reply"));

        Assert.Equal(expected, outcome!.Value.Result);
        Assert.Contains(((int)status).ToString(System.Globalization.CultureInfo.InvariantCulture), outcome.Value.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_connection_defers_the_mail()
    {
        Assert.Equal(SendResult.Deferred, SmtpFailures.Classify(new IOException("reset"))!.Value.Result);
        Assert.Equal(SendResult.Deferred, SmtpFailures.Classify(new SmtpProtocolException("gone"))!.Value.Result);
    }

    [Fact]
    public void A_defect_of_the_program_is_not_taken_for_the_servers()
    {
        Assert.Null(SmtpFailures.Classify(new ArgumentException("bug")));
    }

    [Fact]
    public void A_server_that_cannot_be_reached_or_signed_in_to_is_connection_trouble()
    {
        Assert.True(SmtpFailures.IsConnectionTrouble(new SocketException(111)));
        Assert.True(SmtpFailures.IsConnectionTrouble(new AuthenticationException("535")));
        Assert.True(SmtpFailures.IsConnectionTrouble(new SslHandshakeException("expired")));
    }
}
