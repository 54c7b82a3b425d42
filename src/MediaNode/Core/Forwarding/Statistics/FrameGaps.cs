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
    private Instant _at;
    private TimeSpan _interval;

    public long Frames { get; private set; }

    public int Freezes { get; private set; }

    /// <summary>Of all freezes together.</summary>
    public TimeSpan Frozen { get; private set; }

    public int Pauses { get; private set; }

    public void HandlePacket(uint timestamp, Instant now)
    {
        if (timestamp == _timestamp || (Frames > 0 && (int)(timestamp - _timestamp) < 0))
            return;
        _timestamp = timestamp;
        if (Frames++ > 0)
            HandleGap(now - _at);
        _at = now;
    }

    private void HandleGap(TimeSpan gap)
    {
        if (gap >= PauseFrom)
        {
            Pauses++;
            return;
        }
        if (_interval > TimeSpan.Zero && gap > _interval * Intervals && gap > _interval + Margin)
        {
            Freezes++;
            Frozen += gap;
            return;
        }
        _interval += (gap - _interval) / (_interval == TimeSpan.Zero ? 1 : Math.Min(Frames, Weight));
    }
}
