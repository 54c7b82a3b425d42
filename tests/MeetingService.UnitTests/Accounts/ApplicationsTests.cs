using MeetingService.Accounts;
using Microsoft.Extensions.Configuration;

namespace MeetingService.UnitTests.Accounts;

public sealed class ApplicationsTests
{
    [Theory]
    [InlineData("Applications__0__Id")]
    [InlineData("Applications:0:Id must be", "Applications:0:AuthKey=k")]
    [InlineData("Applications:0:Id must be", "Applications:0:Id=-1", "Applications:0:AuthKey=k")]
    [InlineData("Applications:0:AuthKey", "Applications:0:Id=1")]
    [InlineData("used twice", "Applications:0:Id=1", "Applications:0:AuthKey=k", "Applications:1:Id=1", "Applications:1:AuthKey=k")]
    public void Wrong_configuration_says_what_to_set(string text, params string[] settings) =>
        Assert.Contains(text, Assert.Throws<InvalidOperationException>(() => Read(settings)).Message, StringComparison.Ordinal);

    [Fact]
    public void Application_is_known_by_its_id_and_key()
    {
        var applications = Read("Applications:0:Id=5", "Applications:0:AuthKey=k");

        Assert.True(applications.Authenticate(5, "k")!.CreateUsersOnTheFly);
        Assert.Null(applications.Authenticate(5, "K"));
        Assert.Null(applications.Authenticate(6, "k"));
    }

    private static Applications Read(params string[] settings) => Applications.From(new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(setting => setting.Split('=')).Select(pair => KeyValuePair.Create(pair[0], (string?)pair[1]))).Build());
}
