using System.Net.WebSockets;

namespace SignalingService.Connections;

internal enum FrameKind
{
    Text,
    Binary,
    TooBig,
    Closed,
}

/// <summary>Puts the messages of a WebSocket together, up to a size. A text that is not UTF-8 ends the connection (RFC 6455 section 8.1: 1007).</summary>
internal sealed class FrameReader(WebSocket socket, int maximumBytes)
{
    /// <summary>What most messages need; idle connections are many.</summary>
    private const int FirstBytes = 4096;

    private byte[] _buffer = new byte[FirstBytes];

    /// <returns>The content is good until the next call.</returns>
    public async ValueTask<(FrameKind Kind, ReadOnlyMemory<byte> Content)> ReadAsync()
    {
        try
        {
            for (var length = 0; ;)
            {
                var part = await socket.ReceiveAsync(_buffer.AsMemory(length), CancellationToken.None);
                if (part.MessageType != WebSocketMessageType.Text)
                    return (part.MessageType == WebSocketMessageType.Binary ? FrameKind.Binary : FrameKind.Closed, default);
                length += part.Count;
                if (length > maximumBytes)
                    return (FrameKind.TooBig, default);
                if (part.EndOfMessage)
                    return (FrameKind.Text, _buffer.AsMemory(0, length));
                if (length == _buffer.Length)
                    Array.Resize(ref _buffer, Math.Min(_buffer.Length * 2, maximumBytes + 1));
            }
        }
        catch (Exception end) when (end is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            return (FrameKind.Closed, default);
        }
    }
}
