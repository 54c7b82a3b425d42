using System.Net.WebSockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace Gateway.IntegrationTests;

public sealed class WebSocketTests : IAsyncLifetime
{
    private BackEnd _first = null!;
    private BackEnd _second = null!;
    private GatewayHost _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _first = await BackEnd.StartAsync("first");
        _second = await BackEnd.StartAsync("second");
        _gateway = new GatewayHost([], [_first.Address, _second.Address]);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Theory]
    [InlineData("/janus", "GET /janus")]
    [InlineData("/", "GET /janus")]
    public async Task A_janus_connection_keeps_its_subprotocol_and_texts_flow_both_ways(string path, string arrivesAs)
    {
        using var socket = await Connect(path, "janus-protocol");

        Assert.Equal("janus-protocol", socket.SubProtocol);
        Assert.EndsWith(":hello", await Echo(socket, "hello"), StringComparison.Ordinal);
        Assert.Equal([arrivesAs], _first.Requests.Concat(_second.Requests));
    }

    [Fact]
    public async Task System_messages_need_no_subprotocol()
    {
        using var socket = await Connect("/system-messages");

        Assert.EndsWith(":hello", await Echo(socket, "hello"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_spread_over_all_instances()
    {
        using var one = await Connect("/janus", "janus-protocol");
        using var two = await Connect("/janus", "janus-protocol");

        Assert.Equal(["first:x", "second:x"], new[] { await Echo(one, "x"), await Echo(two, "x") }.Order());
    }

    [Fact]
    public async Task A_connection_finds_the_instance_that_is_left_when_the_other_is_gone()
    {
        await _first.DisposeAsync();

        for (var i = 0; i < 4; i++)
        {
            using var socket = await Connect("/janus", "janus-protocol");
            Assert.Equal("second:x", await Echo(socket, "x"));
        }
    }

    [Fact]
    public async Task A_gateway_that_is_told_to_stop_lets_its_connections_go_at_once()
    {
        using var socket = await Connect("/janus", "janus-protocol");
        await Echo(socket, "x");

        _gateway.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ReceiveAsync(new byte[1], patience.Token));
    }

    private async Task<ClientWebSocket> Connect(string path, string? subprotocol = null)
    {
        var socket = new ClientWebSocket();
        if (subprotocol is not null)
            socket.Options.AddSubProtocol(subprotocol);
        await socket.ConnectAsync(_gateway.WebSocketAddress(path), TestContext.Current.CancellationToken);
        return socket;
    }

    private static async Task<string> Echo(ClientWebSocket socket, string text)
    {
        await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
        var buffer = new byte[1024];
        var received = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, received.Count);
    }
}
