using MediaNode.Core.Time;

namespace MediaNode.Core.Rtp;

/// <summary>
/// Loss and jitter of one incoming stream, as receiver reports want them (RFC 3550 section 6.4.1, appendices A.3 and A.8). Reports are about one source; the totals are
/// those of all sources that sent the stream one after another.
/// </summary>
internal sealed class ReceiveStatistics(int clockRate)
{
    private ulong _first;
    private ulong _highest;
    private long _received;
    private long _receivedOfFormer;
    private long _lostOfFormer;
    private long _expectedAtReport;
    private long _receivedAtReport;
    private long _lostAtLast;
    private double _jitterUnits;
    private long _transit;
    private bool _started;

    public long PacketsReceived => _receivedOfFormer + _received;

    /// <summary>In units of the stream's clock.</summary>
    public double Jitter => _jitterUnits;

    public long BytesReceived { get; private set; }

    /// <summary>Extended highest sequence number as reports carry it: cycles in the high 16 bits.</summary>
    public uint ExtendedHighest => (uint)_highest;

    public long PacketsLost => _lostOfFormer + LostOfSource;

    private long LostOfSource => _started ? (long)(_highest - _first) + 1 - _received : 0;

    /// <summary>Packets lost since the last call; what came late meanwhile counts against it.</summary>
    public long TakeLostSinceLast()
    {
        var lost = PacketsLost;
        var since = lost - _lostAtLast;
        _lostAtLast = lost;
        return Math.Max(since, 0);
    }

    public Instant LastPacketAt { get; private set; } = Instant.Never;

    /// <summary>Another source goes on with the stream.</summary>
    public void HandleSourceChanged()
    {
        _receivedOfFormer += _received;
        _lostOfFormer += LostOfSource;
        (_received, _expectedAtReport, _receivedAtReport, _jitterUnits, _started) = (0, 0, 0, 0, false);
    }

    /// <summary>Nothing is to be expected of it any more.</summary>
    public void HandleEnd() => LastPacketAt = Instant.Never;

    public void HandlePacket(ulong sequence, uint timestamp, int bytes, Instant now)
    {
        _received++;
        BytesReceived += bytes;
        LastPacketAt = now;
        // Arrival time in units of the stream's clock, modulo 2^32 like the timestamp itself.
        var arrival = (uint)(now.Nanoseconds / 1000 * clockRate / 1_000_000);
        long transit = (int)(arrival - timestamp);
        if (!_started)
        {
            _started = true;
            _first = _highest = sequence;
            _transit = transit;
            return;
        }
        if (sequence > _highest)
            _highest = sequence;
        var difference = Math.Abs((int)(transit - _transit));
        _transit = transit;
        _jitterUnits += (difference - _jitterUnits) / 16;
    }

    /// <summary>Values of a report block; the loss fraction counts from the last call.</summary>
    public (byte FractionLost, int CumulativeLost, uint Jitter) TakeReport()
    {
        if (!_started)
            return default;
        var expected = (long)(_highest - _first) + 1;
        var expectedInterval = expected - _expectedAtReport;
        var lostInterval = expectedInterval - (_received - _receivedAtReport);
        _expectedAtReport = expected;
        _receivedAtReport = _received;
        var fraction = expectedInterval <= 0 || lostInterval <= 0 ? 0 : lostInterval * 256 / expectedInterval;
        // The cumulative count is a signed 24-bit number.
        var cumulative = Math.Clamp(expected - _received, -0x80_0000, 0x7F_FFFF);
        return ((byte)Math.Min(fraction, 255), (int)cumulative, (uint)_jitterUnits);
    }
}
