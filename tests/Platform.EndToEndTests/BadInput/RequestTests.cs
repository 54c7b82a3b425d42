using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using MediaNode.TestPeer.Janus;

namespace Platform.EndToEndTests.BadInput;

/// <summary>Requests that are refused, with the status and the field that the interface's description names.</summary>
public sealed class RequestTests(RunningPlatform platform)
{
    private const int TenMegabytes = 10 * 1024 * 1024;

    [Theory]
    [InlineData("", HttpStatusCode.BadRequest, "base")]
    [InlineData("{\"name\":", HttpStatusCode.BadRequest, "base")]
    [InlineData("[]", HttpStatusCode.BadRequest, "base")]
    [InlineData("{\"name\":\"a\",\"name\":\"b\"}", HttpStatusCode.BadRequest, "base")]
    [InlineData("{\"name\":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}", HttpStatusCode.BadRequest, "base")]
    [InlineData("{\"start_date\":1,\"end_date\":2}", HttpStatusCode.UnprocessableEntity, "name")]
    [InlineData("{\"name\":7,\"start_date\":1,\"end_date\":2}", HttpStatusCode.UnprocessableEntity, "name")]
    [InlineData("{\"name\":\"a\",\"start_date\":\"soon\",\"end_date\":2}", HttpStatusCode.UnprocessableEntity, "start_date")]
    [InlineData("{\"name\":\"a\",\"start_date\":2,\"end_date\":1}", HttpStatusCode.UnprocessableEntity, "end_date")]
    [InlineData("{\"name\":\"a\",\"start_date\":1,\"end_date\":2,\"attendees\":\"ann\"}", HttpStatusCode.UnprocessableEntity, "attendees")]
    [InlineData("{\"name\":\"a\",\"start_date\":1,\"end_date\":2,\"notify_before\":{\"metric\":\"years\",\"value\":1}}", HttpStatusCode.UnprocessableEntity, "notify_before")]
    public async Task A_bad_meeting_is_refused_by_field(string body, HttpStatusCode status, string field)
    {
        var host = await platform.OpenGuestSessionAsync("Host");

        using var response = await platform.SendAsync(host.Token, HttpMethod.Post, "meetings", new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Equal(status, response.StatusCode);
        var errors = (await response.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken))!["errors"]!.AsObject();
        Assert.Contains(errors, error => error.Key.StartsWith(field, StringComparison.Ordinal) && error.Value is JsonArray { Count: > 0 });
        using var meetings = await platform.SendAsync(host.Token, HttpMethod.Get, "meetings");
        Assert.Equal("[]", await meetings.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_body_of_ten_megabytes_is_refused_by_its_announced_length()
    {
        var host = await platform.OpenGuestSessionAsync("Host");
        using var request = TenMegabytesFrom(host);

        using var response = await platform.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task A_body_that_becomes_ten_megabytes_is_not_read_to_its_end()
    {
        var host = await platform.OpenGuestSessionAsync("Host");
        using var request = TenMegabytesFrom(host);
        request.Headers.TransferEncodingChunked = true;

        try
        {
            using var response = await platform.Http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        }
        catch (HttpRequestException cut) when (cut.InnerException is IOException)
        {
            // RFC 9112 section 9.6: who still writes when the connection is closed may never see the answer.
        }
        using var meetings = await platform.SendAsync(host.Token, HttpMethod.Get, "meetings");
        Assert.Equal("[]", await meetings.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("meetings?_id=000000000000000000000000", HttpStatusCode.NotFound)]
    [InlineData("meetings?_id=../../etc/passwd", HttpStatusCode.NotFound)]
    [InlineData("nothing", HttpStatusCode.NotFound)]
    public async Task What_is_not_there_is_not_found(string path, HttpStatusCode status)
    {
        var user = await platform.OpenGuestSessionAsync("Ann");

        using var response = await platform.SendAsync(user.Token, HttpMethod.Get, path);

        Assert.Equal(status, response.StatusCode);
        Assert.NotNull((await response.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken))!["errors"]);
    }

    private static HttpRequestMessage TenMegabytesFrom(Identity host)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "meetings") { Content = new ByteArrayContent(new byte[TenMegabytes]) };
        request.Headers.Add("CB-Token", host.Token);
        // Whoever waits for the permission to go on sees an answer that comes at once.
        request.Headers.ExpectContinue = true;
        return request;
    }
}
