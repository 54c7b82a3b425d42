using System.Net.WebSockets;

namespace SignalingService.Connections;

/// <summary>Why a WebSocket was ended from here; a word of a fixed set, fit for metrics.</summary>
internal sealed record Ending(WebSocketCloseStatus Status, string Word, string Reason)
{
    public static readonly Ending Binary = new(WebSocketCloseStatus.InvalidMessageType, "binary", "text frames only");
    public static readonly Ending TooBig = new(WebSocketCloseStatus.MessageTooBig, "too-big", "frame too big");
    public static readonly Ending TooSlow = new(WebSocketCloseStatus.PolicyViolation, "too-slow", "messages are not read");
    public static readonly Ending Overload = new(WebSocketCloseStatus.PolicyViolation, "overload", "too many requests are waiting");
    public static readonly Ending Defect = new(WebSocketCloseStatus.InternalServerError, "defect", "internal error");
    public static readonly Ending Stopping = new(WebSocketCloseStatus.EndpointUnavailable, "stopping", "the service is stopping");
}

/// <summary>Reads and writes one WebSocket until either side ends it.</summary>
internal sealed class WebSocketConversation(WebSocket socket, int maximumFrameBytes)
{
    /// <summary>The other side's time to answer a close frame.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    private readonly OutgoingFrames _outgoing = new(socket);

    /// <summary>Set when it ended from here.</summary>
    public Ending? Ending { get; private set; }

    /// <summary>Never blocks. Whoever does not read is cut off.</summary>
    public void Send(byte[] frame)
    {
        if (_outgoing.TryAdd(frame) || Ending is not null)
            return;
        // A close frame would wait behind everything that is not being read.
        Ending = Ending.TooSlow;
        socket.Abort();
    }

    public void End(Ending ending)
    {
        Ending ??= ending;
        _outgoing.Close(ending.Status, ending.Reason);
        _ = AbortLaterAsync();
    }

    /// <param name="handle">Gets each text; its memory is reused after it returns.</param>
    /// <param name="stopping">The service stops.</param>
    public async Task RunAsync(Func<ReadOnlyMemory<byte>, ValueTask> handle, CancellationToken stopping)
    {
        using var registration = stopping.Register(() => End(Ending.Stopping));
        var sending = _outgoing.RunAsync();
        var reader = new FrameReader(socket, maximumFrameBytes);
        while (await reader.ReadAsync() is var (kind, content) && kind != FrameKind.Closed)
        {
            if (Ending is not null)
                continue;
            if (kind == FrameKind.Text)
                await handle(content);
            else
                End(kind == FrameKind.Binary ? Ending.Binary : Ending.TooBig);
        }
        _outgoing.Close(WebSocketCloseStatus.NormalClosure, "");
        await Task.WhenAny(sending, AbortLaterAsync());
    }

    /// <summary>Wakes reader and writer when the other side does not take its part in closing.</summary>
    private async Task AbortLaterAsync()
    {
        await Task.Delay(CloseTimeout);
        socket.Abort();
    }
}
