using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Congestion;

/// <summary>
/// A leaky bucket towards one receiver, as the moment at which everything sent so far will have drained at the pacing rate. Per packet that is an addition and
/// two comparisons; far below the estimate nothing ever waits.
/// </summary>
internal struct SendBudget
{
    /// <summary>
    /// Media may leave so much faster than the estimate: the estimate is an average, frames are bursts, and a key frame should not take a second. Browsers' factor.
    /// </summary>
    public const double Factor = 2.5;

    /// <summary>
    /// The same while much more waits than a frame: what is sent faster than the path drains only waits elsewhere, and audio with it. Below one, so that a queue that is there
    /// already grows shorter meanwhile.
    /// </summary>
    public const double SteadyFactor = 1.0;

    /// <summary>What the estimate carries in so long leaves at once: what a frame needs, and what a queue on the path forgives.</summary>
    public static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(40);

    private long _drainedAt;
    private long _burstNanoseconds;
    private double _nanosecondsPerByte;

    /// <summary>Before it is set nothing is limited.</summary>
    /// <param name="rate">Of the bucket.</param>
    /// <param name="burst">Bytes that may leave at once.</param>
    public void SetRate(Bitrate rate, long burst)
    {
        _nanosecondsPerByte = 8e9 / Math.Max(rate.BitsPerSecond, 1);
        _burstNanoseconds = (long)(burst * _nanosecondsPerByte);
    }

    /// <summary>Nothing was sent so far.</summary>
    public void Forget() => _drainedAt = 0;

    /// <summary>Another packet may leave now.</summary>
    public readonly bool Allows(Instant now) => _drainedAt - now.Nanoseconds <= _burstNanoseconds;

    /// <summary>When another packet may leave, if none does before.</summary>
    public readonly Instant AllowsAt => new(_drainedAt - _burstNanoseconds);

    public void Take(int bytes, Instant now) =>
        _drainedAt = Math.Max(_drainedAt, now.Nanoseconds) + (long)(bytes * _nanosecondsPerByte);
}
