using MediaNode.Core.Rtcp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Congestion;

/// <summary>
/// When each packet with a transport-wide sequence number arrived (draft-holmer-rmcat-transport-wide-cc-extensions-01), until the
/// sender was told. Without this feedback a browser's sender stays at its start bitrate of 300 kbit/s.
/// </summary>
internal sealed class ArrivalRecorder
{
    /// <summary>Packets between two feedbacks at the very most; at 50 ms that is a sender of over 200 Mbit/s. A power of two.</summary>
    private const int Capacity = 1024;

    /// <summary>Packets per feedback message: even if every second one were lost it fits a datagram.</summary>
    public const int MaximumReported = 256;

    /// <summary>libwebrtc's default, 50 to 250 ms by bitrate; the short end reacts fastest and costs 20 small packets a second.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly long[] _arrivals = new long[Capacity];
    private ulong _base;
    private ulong _next;

    public Instant NextTimeout { get; private set; } = Instant.Never;

    /// <summary>Counts the feedback messages; goes into each of them.</summary>
    public byte FeedbackCount { get; private set; }

    public void HandlePacket(ulong sequence, Instant now) => HandlePacket(sequence, now, now);

    /// <param name="sequence">Extended.</param>
    /// <param name="arrivedAt">What the sender is to be told.</param>
    /// <param name="now">The current moment.</param>
    public void HandlePacket(ulong sequence, Instant arrivedAt, Instant now)
    {
        if (_next == 0)
            _base = _next = sequence;
        if (sequence < _base)
        {
            // Told of as missing already: the next feedback goes back to it, or the sender would count as lost what was only late.
            if (_next - sequence > Capacity / 2)
                return;
            _base = sequence;
        }
        if (sequence - _base >= Capacity)
        {
            // The sender jumped, or feedback was held up: what is older than the window is reported no more.
            Array.Clear(_arrivals);
            _base = _next = sequence;
        }
        while (_next <= sequence)
            _arrivals[_next++ & (Capacity - 1)] = 0;
        _arrivals[sequence & (Capacity - 1)] = Math.Max(1, arrivedAt.Nanoseconds);
        if (NextTimeout == Instant.Never)
            NextTimeout = now + Interval;
    }

    /// <summary>Copies the packets, received or not, since the last feedback, in order of their numbers; as many as fit.</summary>
    public int Read(Span<PacketArrival> destination)
    {
        var count = (int)Math.Min((ulong)destination.Length, _next - _base);
        for (var i = 0; i < count; i++)
        {
            var sequence = _base + (ulong)i;
            var arrival = _arrivals[sequence & (Capacity - 1)];
            destination[i] = new((ushort)sequence, arrival != 0, TimeSpan.FromTicks(arrival / 100));
        }
        return count;
    }

    /// <summary>The feedback was sent: the next one begins behind it.</summary>
    public void Advance(int packets)
    {
        _base += (ulong)packets;
        FeedbackCount++;
        NextTimeout = Instant.Never;
    }
}
