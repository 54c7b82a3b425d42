using MediaNode.Core.Time;

namespace MediaNode.Transport;

/// <summary>
/// How long a worker lets datagrams gather before it takes the next batch. Light traffic is taken at once. Busy traffic is taken at most once an
/// interval, as a network card moderates its interrupts: fewer wake-ups, and a frame's packets leave as one message. A worker that needs the interval
/// for its work does not pause at all, so nothing of its capacity is lost.
/// </summary>
internal struct BatchPacing
{
    /// <summary>Longest time that a datagram waits for others.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(1);

    /// <summary>Traffic is judged by windows of this length.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(20);

    /// <summary>Datagrams out per window from which traffic is busy: 2,000 a second, a room of four.</summary>
    private const long BusyPerWindow = 40;

    private Instant _windowStart;
    private long _sentAtStart;
    private bool _isBusy;

    /// <summary>The pause after a batch.</summary>
    /// <param name="taken">When the batch was taken.</param>
    /// <param name="now">When it was done.</param>
    /// <param name="sent">Datagrams sent since the start of the worker.</param>
    public TimeSpan Pause(Instant taken, Instant now, long sent)
    {
        if (now - _windowStart >= Window)
        {
            // A window that lasted longer because nothing came is judged by what a window's share of it is.
            _isBusy = sent - _sentAtStart >= BusyPerWindow * ((now - _windowStart) / Window);
            _windowStart = now;
            _sentAtStart = sent;
        }
        var left = taken + Interval - now;
        return _isBusy && left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
