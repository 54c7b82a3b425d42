namespace MediaNode.Core.Sctp;

internal enum DataChannelState
{
    /// <summary>Opened from here, and not acknowledged: messages wait.</summary>
    Opening,
    Open,

    /// <summary>One direction is closed or about to be; nothing is sent any more.</summary>
    Closing,
    Closed,
}

/// <summary>A message as an application sees it.</summary>
/// <param name="IsText">UTF-8 text; else binary.</param>
/// <param name="Payload">May be empty. Shared between all receivers, so it is never written to.</param>
public readonly record struct DataMessage(bool IsText, ReadOnlyMemory<byte> Payload);

/// <summary>A data channel: a stream in each direction, under one id (RFC 8831 section 6.4).</summary>
internal sealed class DataChannel(ushort streamId, DataChannelParameters parameters, bool isOurs)
{
    public ushort StreamId { get; } = streamId;

    public DataChannelParameters Parameters { get; } = parameters;

    /// <summary>Opened from this side.</summary>
    public bool IsOurs { get; } = isOurs;

    public DataChannelState State { get; set; } = isOurs ? DataChannelState.Opening : DataChannelState.Open;

    /// <summary>Messages that wait for the channel to open.</summary>
    public Queue<DataMessage> Waiting { get; } = new();

    public bool IsOutgoingReset { get; set; }

    public bool IsIncomingReset { get; set; }
}

internal enum DataChannelEventKind
{
    /// <summary>The peer opened it, or acknowledged ours.</summary>
    Opened,
    Message,
    Closed,

    /// <summary>The association is gone, and all channels with it.</summary>
    Ended,
}

internal readonly record struct DataChannelEvent(DataChannelEventKind Kind, DataChannel? Channel = null, DataMessage Message = default);

internal enum DataSendOutcome
{
    Sent,

    /// <summary>Waits for the channel to open.</summary>
    Waiting,

    /// <summary>No room: the peer reads too slowly.</summary>
    BufferFull,

    /// <summary>Longer than the peer's a=max-message-size, or ours.</summary>
    TooLarge,

    /// <summary>The channel, or the association, is closing or gone.</summary>
    Closed,
}
