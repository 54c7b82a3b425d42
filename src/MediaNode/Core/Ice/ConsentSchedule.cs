using MediaNode.Core.Entropy;
using MediaNode.Core.Time;

namespace MediaNode.Core.Ice;

/// <summary>
/// When to ask a connected peer for its consent again (RFC 7675 section 5.1): every five seconds or so, and every second while it owes an answer. The RFC
/// wants four seconds at least between checks, which leaves six in the thirty that consent lasts: with a fifth of all packets lost each way, calls lose
/// it by chance alone. Browsers ask again sooner too.
/// </summary>
internal struct ConsentSchedule(IEntropy entropy)
{
    /// <summary>Of two checks when all is well. Each is between 0.8 and 1.2 times that, so that the checks of many peers do not come together.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private const double LeastFactor = 0.8;
    private const double FactorRange = 0.4;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    /// <summary>Tries in a row at which a peer that has never answered is asked no more than one that answers.</summary>
    private const int EagerTries = 5;

    private int _unanswered;

    public Instant NextCheck { get; private set; } = Instant.Never;

    /// <summary>The next check goes at once.</summary>
    public void Begin(Instant now) => (NextCheck, _unanswered) = (now, 0);

    /// <param name="isOwed">The peer has answered before.</param>
    /// <param name="now">The current moment.</param>
    public void HandleSent(bool isOwed, Instant now) =>
        NextCheck = now + (isOwed || ++_unanswered < EagerTries ? RetryInterval : RandomPeriod());

    public void HandleAnswered(Instant now) => (NextCheck, _unanswered) = (now + RandomPeriod(), 0);

    private readonly TimeSpan RandomPeriod() => Period * (LeastFactor + FactorRange * entropy.UInt32() / uint.MaxValue);
}
