using System.Diagnostics;
using static MediaNode.Transport.LinuxSockets;

namespace MediaNode.Transport;

/// <summary>
/// How long one batch may wait for a full send buffer. The buffer drains at the speed of the network card, so a moment helps after a burst; longer, and
/// every room of the worker would stand still for the sake of one batch.
/// </summary>
internal unsafe struct SendPatience
{
    public static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(1);

    private TimeSpan _left;

    /// <summary>A new batch.</summary>
    public void Renew() => _left = Limit;

    /// <summary>Waits until the socket takes more.</summary>
    /// <returns>False when the batch has waited enough.</returns>
    public bool TryWait(int descriptor)
    {
        if (_left <= TimeSpan.Zero)
            return false;
        var start = Stopwatch.GetTimestamp();
        var poll = new PollDescriptor { Descriptor = descriptor, Events = PollOut };
        var limit = new TimeSpec { Nanoseconds = _left.Ticks * TimeSpan.NanosecondsPerTick };
        var isWritable = Poll(&poll, 1, &limit, null) > 0;
        // A full queue of the device (ENOBUFS) does not show in the socket's readiness, so that trying again must cost patience too.
        _left -= Stopwatch.GetElapsedTime(start) + TimeSpan.FromMicroseconds(50);
        return isWritable;
    }
}
