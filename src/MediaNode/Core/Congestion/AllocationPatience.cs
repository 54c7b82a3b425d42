using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Congestion;

/// <summary>
/// When a new share-out takes effect. Estimates dip for moments, and a picture that comes and goes is worse than a smaller one: less waits a little unless the
/// path is far too full, more waits long after it has failed.
/// </summary>
internal struct AllocationPatience
{
    /// <summary>A dip shorter than this is sat out: one over-use too many takes 15 percent, and a probe, which may not follow it at once, shows whether it was one.</summary>
    private static readonly TimeSpan Dip = TimeSpan.FromMilliseconds(1500);
    private static readonly TimeSpan DeepDip = TimeSpan.FromMilliseconds(300);

    /// <summary>The estimate below this share of what is being sent is a deep dip, or no dip at all.</summary>
    private const double Deep = 0.8;
    private const double Severe = 0.6;

    /// <summary>Less within this time of more: the more was too much.</summary>
    private static readonly TimeSpan TrialPeriod = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FirstHold = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(16);

    /// <summary>Without a failure for so long all is forgiven.</summary>
    private static readonly TimeSpan Forgiveness = TimeSpan.FromSeconds(20);

    private Instant? _shortSince;
    private Instant? _lastMore;
    private Instant? _lastFailure;
    private Instant? _heldUntil;
    private TimeSpan _hold;

    /// <summary>The last share-out took everything that was wanted and fits.</summary>
    public void HandleEnough() => _shortSince = null;

    /// <summary>A share-out with less than now is at hand.</summary>
    /// <param name="estimate">What there is.</param>
    /// <param name="sending">What the streams sent now cost.</param>
    /// <returns>True when it shall take effect.</returns>
    public bool MayTakeAway(Bitrate estimate, Bitrate sending, Instant now)
    {
        _shortSince ??= now;
        var patience = estimate > sending * Deep ? Dip : estimate > sending * Severe ? DeepDip : TimeSpan.Zero;
        if (now - _shortSince.Value < patience)
            return false;
        _shortSince = null;
        if (_lastMore is { } more && now - more < TrialPeriod)
        {
            _hold = _lastFailure is { } failure && now - failure < Forgiveness ? Longer(_hold) : FirstHold;
            _lastFailure = now;
            _heldUntil = now + _hold;
        }
        return true;
    }

    /// <summary>A share-out with more than now is at hand.</summary>
    /// <returns>True when it shall take effect.</returns>
    /// <param name="isProven">The path has been seen to be full; before, more is no risk that was taken before.</param>
    public bool MayGive(bool isProven, Instant now)
    {
        if (_heldUntil is { } until && now < until)
            return false;
        _lastMore = isProven ? now : null;
        return true;
    }

    private static TimeSpan Longer(TimeSpan hold) => hold * 2 < LongestHold ? hold * 2 : LongestHold;
}
