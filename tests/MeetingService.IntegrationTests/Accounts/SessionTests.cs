using System.Net;

namespace MeetingService.IntegrationTests.Accounts;

[Collection(SharedServiceTests.Name)]
public sealed class SessionTests(SharedService shared)
{
    private readonly RunningService _service = shared.Service;

    [Theory]
    [InlineData("/session")]
    [InlineData("/session.json")]
    public async Task Unknown_user_is_made_and_gets_a_session(string path)
    {
        using var client = new ApiClient(_service.NewClient());
        var login = $"alice-{Guid.NewGuid():N}";

        var opened = await client.PostAsync(path, new { application_id = "1", auth_key = "key-1", user = new { login, password = "secret-1" } });

        Assert.Equal(HttpStatusCode.Created, opened.Status);
        var session = opened.Body!["session"]!;
        Assert.Equal(login, (string)session["user"]!["login"]!);
        Assert.Equal((long)session["user_id"]!, (long)session["user"]!["id"]!);
        Assert.Equal(1, (long)session["application_id"]!);
        Assert.InRange((long)session["id"]!, 1, 1L << 53);
        Assert.EndsWith("Z", (string)session["created_at"]!, StringComparison.Ordinal);
        Assert.DoesNotContain("password", opened.Text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Known_user_comes_back_with_the_password_only()
    {
        using var client = new ApiClient(_service.NewClient());
        var email = $"Bob-{Guid.NewGuid():N}@example.org";
        var first = await client.PostAsync("/session", Request(email, "right"));
        var again = await client.PostAsync("/session", Request(email.ToUpperInvariant(), "right"));
        var wrong = await client.PostAsync("/session", Request(email, "wrong"));

        Assert.Equal((long)first.Body!["session"]!["user_id"]!, (long)again.Body!["session"]!["user_id"]!);
        Assert.NotEqual((long)first.Body!["session"]!["id"]!, (long)again.Body!["session"]!["id"]!);
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.Status);
        Assert.NotEqual("Required session does not exist", wrong.BaseError);

        static object Request(string email, string password) => new { application_id = 1, auth_key = "key-1", user = new { email, password } };
    }
}
