using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Congestion;

/// <summary>
/// A cap as a link of that rate would keep it: when packets would have arrived through it is what transport-wide feedback tells, so that a sender that lives on it keeps within the cap as
/// it keeps within its path. For those that do not take REMB for an upper bound; one that does never notices.
/// </summary>
internal struct CapLink
{
    /// <summary>REMB says the cap itself; this is for those that go beyond.</summary>
    private const double Margin = 1.05;

    /// <summary>Frames and key frames are no reason to slow down: so much of the cap may come at once.</summary>
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(250);

    /// <summary>What would have had to wait longer would not have fit into the link's queue.</summary>
    private static readonly TimeSpan Queue = TimeSpan.FromMilliseconds(500);

    private Instant _freeAt;

    /// <returns>When the packet is to be said to have arrived; null when it is to be said to be lost.</returns>
    public Instant? Pass(int bytes, Bitrate cap, Instant now)
    {
        if (_freeAt < now)
            _freeAt = now;
        var delay = _freeAt - now - Burst;
        if (delay > Queue)
            return null;
        _freeAt += TimeSpan.FromSeconds(bytes * 8 / (cap.BitsPerSecond * Margin));
        return delay > TimeSpan.Zero ? now + delay : now;
    }
}
