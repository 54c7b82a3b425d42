using MediaNode.Core.Time;

namespace MediaNode.Transport;

/// <summary>
/// How long a worker lets datagrams gather before it takes the next batch. Light traffic is taken at once. Busy traffic is taken once an interval, as a
/// network card moderates its interrupts: fewer wake-ups, each of which costs more than forwarding a packet, and more packets per message. A worker that
/// needs the interval for its work does not pause at all, so nothing of its capacity is lost.
/// </summary>
internal struct BatchPacing
{
    /// <summary>Longest time that a datagram waits for others.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(1.8);

    /// <summary>Traffic is judged by windows of this length.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(50);

    /// <summary>Batches per window from which traffic is busy: 700 a second.</summary>
    private const int BusyBatches = 35;

    /// <summary>Batches per window below which it is light again: with fewer than 300 a second every second interval finds nothing.</summary>
    private const int LightBatches = 15;

    private Instant _windowEnd;
    private int _batches;
    private bool _isBusy;

    /// <summary>The pause after a turn; zero to wait for the next datagram.</summary>
    /// <param name="started">When the turn began.</param>
    /// <param name="now">When it was done.</param>
    /// <param name="tookAny">It found datagrams.</param>
    public TimeSpan Pause(Instant started, Instant now, bool tookAny)
    {
        if (tookAny)
            _batches++;
        if (now >= _windowEnd)
        {
            _isBusy = _batches >= (_isBusy ? LightBatches : BusyBatches);
            _batches = 0;
            _windowEnd = now + Window;
        }
        var left = started + Interval - now;
        return _isBusy && left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
