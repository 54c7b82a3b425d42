using MediaNode.Core.Time;

namespace MediaNode.Transport;

/// <summary>
/// How long a worker lets datagrams gather before it takes the next batch. Light traffic is taken at once. Busy traffic is taken once an interval, as a
/// network card moderates its interrupts: fewer wake-ups, each of which costs more than forwarding a packet, and more packets per message. The more
/// there is to do, the less a wake-up weighs and the shorter the interval; a worker that needs all of it for its work does not pause, so nothing of its
/// capacity is lost. While somebody connects, datagrams are taken at once: a join takes several of them, one after the other.
/// </summary>
internal struct BatchPacing
{
    /// <summary>Longest time that a datagram waits for others.</summary>
    public static readonly TimeSpan LongestInterval = TimeSpan.FromMilliseconds(1.8);

    /// <summary>Two thousand wake-ups a second; fewer datagrams than gather in this save little per message, and more wait too long.</summary>
    public static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(0.5);

    /// <summary>Share of its time that the worker works up to which the interval is the longest; beyond, it falls in proportion.</summary>
    public const double LightWork = 0.09;

    /// <summary>Between two steps of a handshake, as long as client and node are not far apart; where they are, an interval more does not matter.</summary>
    public static readonly TimeSpan HandshakeStep = TimeSpan.FromMilliseconds(10);

    /// <summary>Traffic is judged by windows of this length.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(50);

    /// <summary>Batches per window from which traffic is busy: 700 a second.</summary>
    private const int BusyBatches = 35;

    /// <summary>Batches per window below which it is light again: with fewer than 300 a second every second interval finds nothing.</summary>
    private const int LightBatches = 15;

    private Instant _windowStart;
    private TimeSpan _worked;
    private TimeSpan _interval;
    private int _batches;
    private bool _isBusy;

    /// <summary>The pause after a turn; zero to wait for the next datagram.</summary>
    /// <param name="started">When the turn began.</param>
    /// <param name="now">When it was done.</param>
    /// <param name="tookAny">It found datagrams.</param>
    /// <param name="lastHandshakeStep">When a client that is still connecting was last heard.</param>
    public TimeSpan Pause(Instant started, Instant now, bool tookAny, Instant lastHandshakeStep)
    {
        if (tookAny)
            _batches++;
        _worked += now - started;
        if (now - _windowStart >= Window)
            Judge(now);
        var left = started + _interval - now;
        return _isBusy && left > TimeSpan.Zero && now - lastHandshakeStep > HandshakeStep ? left : TimeSpan.Zero;
    }

    private void Judge(Instant now)
    {
        _isBusy = _batches >= (_isBusy ? LightBatches : BusyBatches);
        // The last turn may have begun before the window: more than all of its time cannot be worked.
        var share = Math.Min(1, _worked / (now - _windowStart));
        var interval = share <= LightWork ? LongestInterval : LongestInterval * (LightWork / share);
        _interval = interval > ShortestInterval ? interval : ShortestInterval;
        (_batches, _worked, _windowStart) = (0, TimeSpan.Zero, now);
    }
}
