using System.Net.WebSockets;
using System.Threading.Channels;

namespace SignalingService.Connections;

/// <summary>The frames that wait to be sent on one WebSocket, within bounds: whoever reads too slowly is cut off instead of filling the memory.</summary>
internal sealed class OutgoingFrames(WebSocket socket)
{
    /// <summary>Frames: several times what joining a large room brings at once.</summary>
    public const int MaximumFrames = 4096;

    /// <summary>Bytes: several hundred offers.</summary>
    public const int MaximumBytes = 4 * 1024 * 1024;

    private readonly Channel<byte[]> _frames = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MaximumFrames) { SingleReader = true });
    private long _bytes;
    private (WebSocketCloseStatus Status, string Reason) _close = (WebSocketCloseStatus.NormalClosure, "");

    /// <returns>False when the reader is too slow.</returns>
    public bool TryAdd(byte[] frame) => Interlocked.Add(ref _bytes, frame.Length) <= MaximumBytes && _frames.Writer.TryWrite(frame);

    /// <summary>Takes no more; what waits is sent, then the close frame.</summary>
    public void Close(WebSocketCloseStatus status, string reason)
    {
        if (!_frames.Reader.Completion.IsCompleted)
            _close = (status, reason);
        _frames.Writer.TryComplete();
    }

    public async Task RunAsync()
    {
        try
        {
            await foreach (var frame in _frames.Reader.ReadAllAsync())
            {
                await socket.SendAsync(frame.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
                Interlocked.Add(ref _bytes, -frame.Length);
            }
            await socket.CloseOutputAsync(_close.Status, _close.Reason, CancellationToken.None);
        }
        catch (Exception end) when (end is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // The other side is gone; the reader notices it too.
        }
    }
}
