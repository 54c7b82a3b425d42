using System.Net;
using System.Net.WebSockets;
using SignalingService.IntegrationTests.Fixtures;

namespace SignalingService.IntegrationTests;

public sealed class WebSocketTests(TwoInstances instances) : IClassFixture<TwoInstances>
{
    [Theory]
    [InlineData("/janus")]
    [InlineData("/")]
    public async Task Plain_request_is_told_what_is_expected(string path)
    {
        using var client = new HttpClient();
        var response = await client.GetAsync(new Uri(instances.First.HttpAddress + path), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("janus-protocol", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_json_is_answered_and_the_connection_stays()
    {
        await using var socket = await OpenAsync("/");
        await socket.SendAsync("{nonsense");
        Assert.Equal(454, (int?)(await socket.WaitAsync(_ => true))["error"]!["code"]);
        await socket.SendAsync("""{"janus":"ping","transaction":"p"}""");
        Assert.Equal("pong", (string?)(await socket.WaitAsync(_ => true))["janus"]);
    }

    [Fact]
    public async Task Binary_frame_closes_with_1003()
    {
        await using var socket = await OpenAsync("/janus");
        await socket.SendAsync("{}", WebSocketMessageType.Binary);
        Assert.Equal(WebSocketCloseStatus.InvalidMessageType, await socket.WaitForCloseAsync());
    }

    [Fact]
    public async Task Frame_over_256_kib_closes_with_1009()
    {
        await using var socket = await OpenAsync("/janus");
        await socket.SendAsync(new string(' ', 512 * 1024 + 1));
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, await socket.WaitForCloseAsync());
    }

    [Fact]
    public async Task Bad_token_is_403()
    {
        await using var socket = await OpenAsync("/janus");
        await socket.SendAsync("""{"janus":"create","transaction":"c","token":"forged"}""");
        Assert.Equal(403, (int?)(await socket.WaitAsync(_ => true))["error"]!["code"]);
    }

    private Task<JsonSocket> OpenAsync(string path) => JsonSocket.OpenAsync(instances.First.WebSocketAddress + path, "janus-protocol");
}
