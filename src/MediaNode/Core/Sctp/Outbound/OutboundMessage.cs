using MediaNode.Core.Time;

namespace MediaNode.Core.Sctp;

/// <summary>How hard a message is tried, and whether it waits for those before it.</summary>
/// <param name="Ordered">Delivered in the order of its stream.</param>
/// <param name="MaximumRetransmits">RFC 7496 section 3: sent again so often at most; null for no limit.</param>
/// <param name="MaximumLifetime">RFC 3758 section 4.1: given up after so long; null for no limit.</param>
public readonly record struct SendOptions(bool Ordered, int? MaximumRetransmits, TimeSpan? MaximumLifetime)
{
    public static readonly SendOptions Reliable = new(true, null, null);

    public bool IsReliable => MaximumRetransmits is null && MaximumLifetime is null;
}

/// <summary>A message on its way out. The payload is shared with the other receivers of the same message, and never written to.</summary>
internal sealed class OutboundMessage(ushort streamId, uint payloadProtocol, ReadOnlyMemory<byte> payload, in SendOptions options, Instant now)
{
    private readonly int _maximumRetransmits = options.MaximumRetransmits ?? int.MaxValue;
    private readonly Instant _expiresAt = options.MaximumLifetime is { } lifetime ? now + lifetime : Instant.Never;

    public ushort StreamId { get; } = streamId;

    public uint PayloadProtocol { get; } = payloadProtocol;

    public ReadOnlyMemory<byte> Payload { get; } = payload;

    public bool IsOrdered { get; } = options.Ordered;

    /// <summary>Given with the first fragment, so that a message that expires before has left no gap.</summary>
    public ushort StreamSequenceNumber { get; set; }

    /// <summary>Bytes that have a TSN.</summary>
    public int Sent { get; set; }

    public int Unsent => Payload.Length - Sent;

    public bool IsAbandoned { get; set; }

    public bool IsExpired(Instant now) => now >= _expiresAt;

    public bool MayBeSentAgain(int transmits) => transmits <= _maximumRetransmits;
}
