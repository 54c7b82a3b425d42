using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace SignalingService.IntegrationTests.Fixtures;

/// <summary>A client's WebSocket: JSON out, JSON in. What a wait passes over is kept for the next one.</summary>
internal sealed class JsonSocket : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ClientWebSocket _socket = new();
    private readonly List<JsonNode> _passed = [];
    private readonly byte[] _buffer = new byte[512 * 1024];

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    public static async Task<JsonSocket> OpenAsync(string address, string? protocol = null)
    {
        var socket = new JsonSocket();
        if (protocol is not null)
            socket._socket.Options.AddSubProtocol(protocol);
        await socket._socket.ConnectAsync(new(address), TestContext.Current.CancellationToken);
        Assert.Equal(protocol, socket._socket.SubProtocol);
        return socket;
    }

    public Task SendAsync(string text, WebSocketMessageType type = WebSocketMessageType.Text) =>
        _socket.SendAsync(Encoding.UTF8.GetBytes(text), type, true, TestContext.Current.CancellationToken);

    public async Task<JsonNode> WaitAsync(Func<JsonNode, bool> wanted)
    {
        if (_passed.FirstOrDefault(wanted) is { } known)
        {
            _passed.Remove(known);
            return known;
        }
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var frame = await ReadAsync(patience.Token)
                ?? throw new InvalidOperationException($"Closed ({CloseStatus}) after {string.Join(", ", _passed.Select(node => node.ToJsonString()))}");
            if (wanted(frame))
                return frame;
            _passed.Add(frame);
        }
    }

    /// <summary>Reads until the other side closes.</summary>
    public async Task<WebSocketCloseStatus?> WaitForCloseAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        while (await ReadAsync(patience.Token) is { } frame)
            _passed.Add(frame);
        return CloseStatus;
    }

    public ValueTask DisposeAsync()
    {
        _socket.Abort();
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<JsonNode?> ReadAsync(CancellationToken cancellationToken)
    {
        for (var length = 0; ;)
        {
            var part = await _socket.ReceiveAsync(_buffer.AsMemory(length), cancellationToken);
            if (part.MessageType == WebSocketMessageType.Close)
                return null;
            length += part.Count;
            if (part.EndOfMessage)
                return JsonNode.Parse(_buffer.AsSpan(0, length));
        }
    }
}
