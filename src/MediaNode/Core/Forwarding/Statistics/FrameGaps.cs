using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding.Statistics;

/// <summary>
/// Frames of one video stream, and the freezes guessed from the gaps between them: a gap counts as a freeze when it is longer than three usual intervals and
/// longer than a usual one by 150 ms (as freezeCount of W3C's webrtc-stats). A gap of two seconds or more is taken for a pause.
/// </summary>
internal struct FrameGaps
{
    private const int Intervals = 3;

    /// <summary>Weight of the newest interval in the average: about the last second.</summary>
    private const int Weight = 30;

    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan PauseFrom = TimeSpan.FromSeconds(2);

    private uint _timestamp;
    private bool _isOtherClock;
    private Instant _at;
    private TimeSpan _interval;
    private bool _hasEnded;

    public long Frames { get; private set; }

    public int Freezes { get; private set; }

    /// <summary>Of all freezes together.</summary>
    public TimeSpan Frozen { get; private set; }

    public int Pauses { get; private set; }

    /// <returns>True when a freeze has ended with it.</returns>
    public bool HandlePacket(uint timestamp, Instant now)
    {
        if (!_isOtherClock && (timestamp == _timestamp || (Frames > 0 && (int)(timestamp - _timestamp) < 0)))
            return false;
        _isOtherClock = false;
        _timestamp = timestamp;
        var wasFrozen = Frames++ > 0 && HandleGap(now - _at);
        _at = now;
        return wasFrozen;
    }

    /// <summary>The next timestamp has nothing to do with those before.</summary>
    public void HandleSourceChanged() => _isOtherClock = true;

    /// <summary>The sender has said that it stops: what follows is a pause, however short.</summary>
    public void HandleEnd() => _hasEnded = true;

    private bool HandleGap(TimeSpan gap)
    {
        if (gap >= PauseFrom || _hasEnded)
        {
            _hasEnded = false;
            Pauses++;
            return false;
        }
        if (_interval > TimeSpan.Zero && gap > _interval * Intervals && gap > _interval + Margin)
        {
            Freezes++;
            Frozen += gap;
            return true;
        }
        _interval += (gap - _interval) / (_interval == TimeSpan.Zero ? 1 : Math.Min(Frames, Weight));
        return false;
    }
}
