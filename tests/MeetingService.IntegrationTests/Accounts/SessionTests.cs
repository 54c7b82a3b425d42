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

    [Fact]
    public async Task Users_made_at_once_are_one_user()
    {
        var login = $"twin-{Guid.NewGuid():N}";

        var opened = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => ApiClient.OpenAsync(_service, 1, new { login, password = "same" })));

        Assert.Single(opened.Select(client => client.UserId).Distinct());
    }

    [Fact]
    public async Task Login_counts_where_an_address_is_given_too()
    {
        var email = $"taken-{Guid.NewGuid():N}@example.org";
        using var owner = await ApiClient.OpenAsync(_service, 1, new { email, password = "p" });
        using var other = await ApiClient.OpenAsync(_service, 1, new { login = $"dave-{Guid.NewGuid():N}", email, password = "q" });

        Assert.NotEqual(owner.UserId, other.UserId);
        Assert.Null((await other.GetAsync("/session")).Body!["session"]!["user"]!["email"]);
    }

    [Fact]
    public async Task Same_login_in_another_application_is_another_user()
    {
        var user = new { login = $"shared-{Guid.NewGuid():N}", password = "p" };
        using var here = await ApiClient.OpenAsync(_service, RunningService.Application, user);
        using var there = await ApiClient.OpenAsync(_service, RunningService.OtherApplication, user with { password = "other" });

        Assert.NotEqual(here.UserId, there.UserId);
    }

    [Fact]
    public async Task Guest_is_a_user_for_one_session()
    {
        using var guest = await ApiClient.NewGuestAsync(_service);

        var user = (await guest.GetAsync("/session.json")).Body!["session"]!["user"]!;

        Assert.True((bool)user["is_guest"]!);
        Assert.Equal("Guest", (string)user["full_name"]!);
        Assert.StartsWith("guest_login_", (string)user["login"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Application_session_becomes_a_user_s_by_login()
    {
        var login = $"carol-{Guid.NewGuid():N}";
        using var carol = await ApiClient.OpenAsync(_service, 1, new { login, password = "p" });
        using var application = await ApiClient.ApplicationAsync(_service);

        var wrong = await application.PostAsync("/login", new { login, password = "q" });
        var right = await application.PostAsync("/login", new { login, password = "p" });
        var scheduled = await application.PostAsync("/meetings", ApiClient.Meeting());

        Assert.Equal(HttpStatusCode.Unauthorized, wrong.Status);
        Assert.Equal(carol.UserId, (long)right.Body!["user"]!["id"]!);
        Assert.Equal(carol.UserId, (long)scheduled.Body!["host_id"]!);
    }

    [Theory]
    [InlineData("""{"application_id":9,"auth_key":"key-1"}""", 401, "base")]
    [InlineData("""{"application_id":1,"auth_key":"key-2"}""", 401, "base")]
    [InlineData("""{"application_id":3,"auth_key":"key-3","user":{"login":"nobody","password":"x"}}""", 401, "base")]
    [InlineData("""{"auth_key":"key-1"}""", 422, "application_id")]
    [InlineData("""{"application_id":1}""", 422, "auth_key")]
    [InlineData("""{"application_id":"one","auth_key":"key-1"}""", 422, "application_id")]
    [InlineData("""{"application_id":[],"auth_key":{}}""", 422, "auth_key")]
    [InlineData("""{"application_id":1,"auth_key":"key-1","user":"bob"}""", 422, "user")]
    [InlineData("""{"application_id":1,"auth_key":"key-1","user":{}}""", 422, "user")]
    [InlineData("""{"application_id":1,"auth_key":"key-1","user":{"login":"a"}}""", 422, "user")]
    [InlineData("""{"application_id":1,"auth_key":"key-1","user":{"login":1,"password":true}}""", 422, "user")]
    [InlineData("""{"application_id":1,"auth_key":"key-1","user":{"email":"nobody","password":"p"}}""", 422, "user")]
    [InlineData("""{"application_id":1,"auth_key":"key-1","user":{"login":"a\u0000","password":"p"}}""", 422, "user")]
    [InlineData("""{"application_id":1,"auth_key":"key-1","provider":"facebook"}""", 422, "provider")]
    public async Task Wrong_request_is_refused_by_name(string body, int status, string field)
    {
        using var anonymous = new ApiClient(_service.NewClient());

        var answer = await anonymous.SendTextAsync(HttpMethod.Post, "/session", body);

        Assert.Equal(status, (int)answer.Status);
        Assert.NotNull(answer.Body!["errors"]![field]);
        Assert.DoesNotContain("Required session does not exist", answer.Text, StringComparison.Ordinal);
    }
}
