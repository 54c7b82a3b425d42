using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Congestion;

/// <summary>
/// One probe: some packets sent at a rate, to see whether the path carries it. Counts what was sent and what arrived, and measures.
/// </summary>
internal sealed class ProbeCluster
{
    /// <summary>Fewer packets make the measurement a matter of chance.</summary>
    public const int LeastPackets = 5;

    /// <summary>A probe lasts so long at its rate unless told otherwise: long enough to see, short enough not to fill a queue.</summary>
    public static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(15);

    /// <summary>Share of packets and bytes that must have arrived.</summary>
    private const double Received = 0.8;

    /// <summary>Received faster than sent by more than this: the receiver's times are not to be trusted.</summary>
    private const double LargestRatio = 2;

    /// <summary>Received slower than sent by this: the path is full at what was received.</summary>
    private const double Saturated = 0.9;

    /// <summary>Of a full path a little is left free.</summary>
    private const double Utilisation = 0.95;

    private int _sentPackets;
    private long _sentBytes;
    private int _packets;
    private long _bytes;
    private Instant _firstSent;
    private Instant _lastSent;
    private TimeSpan _firstArrived;
    private TimeSpan _lastArrived;
    private int _firstArrivedBytes;
    private int _lastSentBytes;

    /// <summary>1 to 255; 0 before the first probe.</summary>
    public byte Id { get; private set; }

    public Bitrate Rate { get; private set; }

    /// <summary>How long it lasts at its rate.</summary>
    public TimeSpan Duration { get; private set; }

    public Instant StartedAt { get; private set; }

    /// <summary>Some of its packets overtook others, which no queue does: the delay of the path varies by itself.</summary>
    public bool WasReordered { get; private set; }

    public bool IsSent => Id != 0 && _sentPackets >= LeastPackets && _sentBytes >= Rate.BytesIn(Duration);

    /// <summary>When the next packet is due so that the probe has its rate.</summary>
    public Instant NextPacketAt => StartedAt + TimeSpan.FromSeconds(_sentBytes * 8.0 / Math.Max(Rate.BitsPerSecond, 1));

    /// <summary>Bytes of padding for the next packet: as many as the padding's count can say, or less, so that <see cref="LeastPackets"/> make up the probe.</summary>
    public int PacketBytes => (int)Math.Clamp(Rate.BytesIn(Duration) / LeastPackets, 32, byte.MaxValue);

    public void Start(Bitrate rate, TimeSpan duration, Instant now)
    {
        Id = (byte)(Id == byte.MaxValue ? 1 : Id + 1);
        (Rate, Duration, WasReordered) = (rate, duration, false);
        StartedAt = now;
        _sentPackets = _packets = 0;
        _sentBytes = _bytes = 0;
    }

    public void HandleSent(int bytes)
    {
        _sentPackets++;
        _sentBytes += bytes;
    }

    /// <summary>A packet of this probe arrived.</summary>
    /// <returns>What the path carries, once enough has arrived; null before, and when the times make no sense.</returns>
    public Bitrate? HandleArrival(in AcknowledgedPacket packet)
    {
        if (_packets == 0)
        {
            (_firstSent, _lastSent) = (packet.SentAt, packet.SentAt);
            (_firstArrived, _lastArrived) = (packet.ArrivedAt, packet.ArrivedAt);
            (_firstArrivedBytes, _lastSentBytes) = (packet.Bytes, packet.Bytes);
        }
        WasReordered |= packet.SentAt < _lastSent;
        if (packet.SentAt < _firstSent)
            _firstSent = packet.SentAt;
        if (packet.SentAt >= _lastSent)
            (_lastSent, _lastSentBytes) = (packet.SentAt, packet.Bytes);
        if (packet.ArrivedAt < _firstArrived)
            (_firstArrived, _firstArrivedBytes) = (packet.ArrivedAt, packet.Bytes);
        if (packet.ArrivedAt > _lastArrived)
            _lastArrived = packet.ArrivedAt;
        _packets++;
        _bytes += packet.Bytes;
        return IsSent && _packets >= Received * _sentPackets && _bytes >= Received * _sentBytes ? Measure() : null;
    }

    private Bitrate? Measure()
    {
        var sendSpan = _lastSent - _firstSent;
        var arrivalSpan = _lastArrived - _firstArrived;
        if (sendSpan <= TimeSpan.Zero || arrivalSpan <= TimeSpan.Zero || arrivalSpan > TimeSpan.FromSeconds(1))
            return null;
        // The last one sent, and the first one received, lie outside of the spans that they end and begin.
        var sent = Bitrate.Of(_bytes - _lastSentBytes, sendSpan);
        var received = Bitrate.Of(_bytes - _firstArrivedBytes, arrivalSpan);
        if (received > sent * LargestRatio)
            return null;
        return received < sent * Saturated ? received * Utilisation : Bitrate.Min(sent, received);
    }
}
