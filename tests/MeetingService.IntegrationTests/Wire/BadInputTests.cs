using System.Net;
using System.Text.Json.Nodes;

namespace MeetingService.IntegrationTests.Wire;

[Collection(SharedServiceTests.Name)]
public sealed class BadInputTests(SharedService shared)
{
    private readonly RunningService _service = shared.Service;

    [Theory]
    [InlineData("name", "1")]
    [InlineData("name", "\"\"")]
    [InlineData("name", "\"a\\u0000b\"")]
    [InlineData("name", "\"a\\r\\nBcc: x\"")]
    [InlineData("name", "\"\\ud800\"")]
    [InlineData("name", "long")]
    [InlineData("start_date", "\"1900000000\"")]
    [InlineData("start_date", "-1")]
    [InlineData("start_date", "1900000000000")]
    [InlineData("start_date", "1e400")]
    [InlineData("start_date", "{}")]
    [InlineData("end_date", "true")]
    [InlineData("end_date", "1900000000")]
    [InlineData("end_date", "1899999999")]
    [InlineData("end_date", "2215360000")]
    [InlineData("attendees", "{}")]
    [InlineData("attendees", "[1]")]
    [InlineData("attendees", "[{}]")]
    [InlineData("attendees", "[{\"id\":0}]")]
    [InlineData("attendees", "[{\"id\":9007199254740992}]")]
    [InlineData("attendees", "[{\"id\":1.5}]")]
    [InlineData("attendees", "[{\"id\":\"1\"}]")]
    [InlineData("attendees", "[{\"email\":\"nobody\"}]")]
    [InlineData("attendees", "[{\"email\":\"a@b.c\\r\\nX: y\"}]")]
    [InlineData("attendees", "many")]
    [InlineData("record", "\"true\"")]
    [InlineData("public", "1")]
    [InlineData("scheduled", "[]")]
    [InlineData("notify", "\"\"")]
    [InlineData("chat", "0")]
    [InlineData("notify_before", "10")]
    [InlineData("notify_before", "{\"metric\":\"years\",\"value\":1}")]
    [InlineData("notify_before", "{\"metric\":1,\"value\":1}")]
    [InlineData("notify_before", "{\"metric\":\"minutes\"}")]
    [InlineData("notify_before", "{\"metric\":\"minutes\",\"value\":56}")]
    [InlineData("notify_before", "{\"metric\":\"hours\",\"value\":0}")]
    [InlineData("notify_before", "{\"metric\":\"days\",\"value\":31}")]
    [InlineData("notify_before", "{\"metric\":\"weeks\",\"value\":5}")]
    [InlineData("timezone", "\"Europe/Riga\"")]
    [InlineData("timezone", "{\"offset\":841}")]
    [InlineData("timezone", "{\"offset\":0,\"name\":5}")]
    public async Task Field_of_the_wrong_kind_is_named(string field, string json)
    {
        using var host = await ApiClient.NewUserAsync(_service);
        var value = json switch
        {
            "long" => $"\"{new string('x', 256)}\"",
            "many" => $"[{string.Join(',', Enumerable.Range(1, 1001).Select(id => $$"""{"id":{{id}}}"""))}]",
            _ => json,
        };
        var members = new Dictionary<string, string> { ["name"] = "\"x\"", ["start_date"] = "1900000000", ["end_date"] = "1900003600", [field] = value };
        var body = $"{{{string.Join(',', members.Select(member => $"\"{member.Key}\":{member.Value}"))}}}";

        var created = await host.SendTextAsync(HttpMethod.Post, "/meetings", body);

        Assert.True(created.Status == HttpStatusCode.UnprocessableEntity, created.Text);
        var texts = Assert.Single((JsonObject)created.Body!["errors"]!);
        Assert.Equal(field, texts.Key);
        Assert.NotEmpty((string)texts.Value![0]!);
        if (field == "chat")
            return;
        var id = await host.ScheduleAsync();
        var changed = await host.SendTextAsync(HttpMethod.Put, $"/meetings/{id}", $"{{\"{field}\":{value}}}");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, changed.Status);
        Assert.NotNull(changed.Body!["errors"]![field]);
    }

    [Theory]
    [InlineData("name")]
    [InlineData("start_date")]
    [InlineData("end_date")]
    public async Task Required_field_is_asked_for(string field)
    {
        using var host = await ApiClient.NewUserAsync(_service);
        var body = new JsonObject { ["name"] = "x", ["start_date"] = 1, ["end_date"] = 2 };
        body.Remove(field);

        var answer = await host.PostAsync("/meetings", body);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Equal("is required", (string)answer.Body!["errors"]![field]![0]!);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{\"name\":\"a\",\"name\":\"b\"}")]
    [InlineData("{\"name\":\"a\"} trailing")]
    [InlineData("deep")]
    public async Task Malformed_json_is_refused_in_the_api_s_form(string body)
    {
        using var host = await ApiClient.NewUserAsync(_service);
        using var anonymous = new ApiClient(_service.NewClient());
        var text = body == "deep" ? string.Concat(Enumerable.Repeat("{\"a\":", 50_000)) : body;

        foreach (var answer in new[] { await host.SendTextAsync(HttpMethod.Post, "/meetings", text), await anonymous.SendTextAsync(HttpMethod.Post, "/session", text) })
        {
            Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
            Assert.NotEmpty(answer.BaseError);
        }
    }

    [Fact]
    public async Task Bytes_that_are_not_UTF8_are_refused()
    {
        using var anonymous = new ApiClient(_service.NewClient());

        var answer = await anonymous.SendAsync(HttpMethod.Post, "/session", new ByteArrayContent([.. "{\"auth_key\":\""u8, 0xC3, 0x28, 0xFF, .. "\"}"u8]));

        Assert.True(answer.Status is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity, answer.Text);
    }

    [Fact]
    public async Task Ten_megabytes_are_refused_unread()
    {
        using var host = await ApiClient.NewUserAsync(_service);

        var answer = await host.SendAsync(HttpMethod.Post, "/meetings", new ByteArrayContent(new byte[10 << 20]), ("Expect", "100-continue"));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.Status);
        Assert.Contains("1048576", answer.BaseError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_of_undeclared_length_is_refused_where_it_passes_the_limit()
    {
        using var host = await ApiClient.NewUserAsync(_service);
        var body = $$"""{"name":"{{new string('x', 1 << 20)}}"}""";

        var answer = await host.SendAsync(HttpMethod.Post, "/meetings", new StringContent(body), ("Transfer-Encoding", "chunked"));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.Status);
    }

    [Theory]
    [InlineData("GET", "/nothing", 404)]
    [InlineData("GET", "/", 404)]
    [InlineData("PATCH", "/meetings", 405)]
    [InlineData("PUT", "/meetings/session-1", 404)]
    [InlineData("GET", "/meetings?_id=%00", 404)]
    public async Task Unknown_routes_are_refused_in_the_api_s_form(string method, string path, int status)
    {
        using var user = await ApiClient.NewUserAsync(_service);

        var answer = await user.SendTextAsync(new HttpMethod(method), path, "{}");

        Assert.Equal(status, (int)answer.Status);
        Assert.NotEmpty(answer.BaseError);
    }
}
