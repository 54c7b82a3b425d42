using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Policies;
using Xunit;

namespace Gateway.IntegrationTests;

public sealed class PolicyTests : IAsyncLifetime
{
    private BackEnd _meetings = null!;
    private GatewayHost _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _meetings = await BackEnd.StartAsync("meetings");
        _gateway = new GatewayHost(
            [_meetings.Address], [], null,
            ("RateLimit:PerToken:Burst", "5"), ("RateLimit:PerToken:PerSecond", "1"),
            ("RateLimit:PerAddress:Burst", "12"), ("RateLimit:PerAddress:PerSecond", "1"));
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _meetings.DisposeAsync();
    }

    [Fact]
    public async Task A_preflight_is_answered_here_for_any_origin()
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, new Uri("/session.json", UriKind.Relative));
        request.Headers.Add("Origin", "https://partner.example");
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "cb-sdk,content-type");
        using var response = await _gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.True(response.IsSuccessStatusCode);
        Assert.Equal("*", Header(response, "Access-Control-Allow-Origin"));
        Assert.Equal("GET,POST,PUT,DELETE", Header(response, "Access-Control-Allow-Methods"));
        Assert.Equal("Content-Type,CB-SDK,CB-Token,CB-AuthKey,CB-Api-Version", Header(response, "Access-Control-Allow-Headers"));
        Assert.Empty(_meetings.Requests);
    }

    [Theory]
    [InlineData("/meetings.json")]
    [InlineData("/nowhere")]
    public async Task Answers_and_errors_can_be_read_by_pages_of_any_origin(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Add("Origin", "https://partner.example");
        using var response = await _gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal("*", Header(response, "Access-Control-Allow-Origin"));
        Assert.Equal("CB-Token-ExpirationDate", Header(response, "Access-Control-Expose-Headers"));
    }

    [Fact]
    public async Task A_body_of_the_longest_length_passes()
    {
        using var content = new ByteArrayContent(new byte[BodyLimit.MaximumBytes]);
        using var response = await _gateway.Http.PostAsync(new Uri("/meetings.json", UriKind.Relative), content, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_body_announced_as_too_long_is_refused_before_it_is_sent()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_gateway.Address.Host, _gateway.Address.Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes("POST /meetings.json HTTP/1.1\r\nHost: x\r\nContent-Length: 10485760\r\n\r\n"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream());
        var answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal);
        Assert.Contains("""{"errors":{"base":["the body is too long: at most 1048576 bytes"]}}""", answer, StringComparison.Ordinal);
        Assert.Empty(_meetings.Requests);
    }

    [Fact]
    public async Task A_chunked_body_is_refused_when_it_passes_the_limit()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/meetings.json", UriKind.Relative));
        request.Content = new ByteArrayContent(new byte[BodyLimit.MaximumBytes + 1]);
        request.Headers.TransferEncodingChunked = true;
        using var response = await _gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("too long", await GatewayHost.ErrorOf(response), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_over_its_rate_is_told_when_to_try_again_and_others_are_not_held_up()
    {
        HttpResponseMessage? refused = null;
        for (var i = 0; i < 6; i++)
            refused = await Call("one");

        Assert.Equal(HttpStatusCode.TooManyRequests, refused!.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.StartsWith("too many requests", await GatewayHost.ErrorOf(refused), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await Call("two")).StatusCode);
    }

    [Fact]
    public async Task A_new_token_per_call_does_not_get_around_the_limit()
    {
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 16; i++)
            statuses.Add((await Call($"made-up-{i}")).StatusCode);

        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
    }

    private async Task<HttpResponseMessage> Call(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/meetings.json", UriKind.Relative));
        request.Headers.Add("CB-Token", token);
        return await _gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static string Header(HttpResponseMessage response, string name) => string.Join(',', response.Headers.GetValues(name));
}
