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

    /// <summary>A burst of so long at the pacing rate leaves at once: what a frame needs, and what a queue on the path forgives.</summary>
    public static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(40);

    private static readonly long BurstNanoseconds = Burst.Ticks * 100;

    private long _drainedAt;
    private double _nanosecondsPerByte;

    /// <summary>Before it is set nothing is limited.</summary>
    /// <param name="estimate">What the path carries; <see cref="Bitrate.Unlimited"/> for no limit.</param>
    public void SetRate(Bitrate estimate) =>
        _nanosecondsPerByte = estimate == Bitrate.Unlimited ? 0 : 8e9 / (Math.Max(estimate.BitsPerSecond, 1) * Factor);

    /// <summary>Another packet may leave now.</summary>
    public readonly bool Allows(Instant now) => _drainedAt - now.Nanoseconds <= BurstNanoseconds;

    /// <summary>When another packet may leave, if none does before.</summary>
    public readonly Instant AllowsAt => new(_drainedAt - BurstNanoseconds);

    public void Take(int bytes, Instant now) =>
        _drainedAt = Math.Max(_drainedAt, now.Nanoseconds) + (long)(bytes * _nanosecondsPerByte);
}
