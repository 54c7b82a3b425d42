using MediaNode.Core.Rtcp;
using MediaNode.Core.Time;

namespace LoadGenerator.Peers;

/// <summary>Arrival times of the packets with a transport-wide sequence number, until they are reported.</summary>
internal sealed class ArrivalLog
{
    /// <summary>Packets between two reports at most. A power of two.</summary>
    private const int Capacity = 1024;

    /// <summary>So many are reported at once: a report on them fits a datagram. At 50 Mbit/s that is every 50 ms.</summary>
    private const int Full = 256;

    /// <summary>libwebrtc takes 50 to 250 ms, by bitrate.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly long[] _arrivals = new long[Capacity];
    private readonly PacketArrival[] _report = new PacketArrival[Capacity];
    private long _base;
    private long _next;

    public Instant NextTimeout { get; private set; } = Instant.Never;

    public byte Count { get; private set; }

    public void HandlePacket(ushort number, Instant now)
    {
        var sequence = _next == 0 ? 0x10000 + number : _next + unchecked((short)(number - (ushort)_next));
        if (_next == 0)
            _base = _next = sequence;
        if (sequence < _base)
            return;
        if (sequence - _base >= Capacity)
        {
            Array.Clear(_arrivals);
            _base = _next = sequence;
        }
        while (_next <= sequence)
            _arrivals[_next++ & (Capacity - 1)] = 0;
        _arrivals[sequence & (Capacity - 1)] = now.Nanoseconds;
        if (_next - _base >= Full)
            NextTimeout = now;
        else if (NextTimeout == Instant.Never)
            NextTimeout = now + Interval;
    }

    /// <summary>Everything since the last report, received or not.</summary>
    public ReadOnlySpan<PacketArrival> Take()
    {
        var count = (int)(_next - _base);
        for (var i = 0; i < count; i++)
        {
            var arrival = _arrivals[(_base + i) & (Capacity - 1)];
            _report[i] = new((ushort)(_base + i), arrival != 0, TimeSpan.FromTicks(arrival / 100));
        }
        _base = _next;
        Count++;
        NextTimeout = Instant.Never;
        return _report.AsSpan(0, count);
    }
}
