using MediaNode.Core.Time;

namespace MediaNode.Core.Congestion;

/// <summary>
/// When to give a subscriber more without knowing that it fits, where probes are impossible (no retransmission stream, no transport-wide feedback). Seldom, since
/// a failure is seen and heard; more seldom each time.
/// </summary>
internal struct TrialPlan
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(64);

    private Instant? _next;
    private TimeSpan _wait;

    public bool TryStart(Instant now)
    {
        if (_next is null)
        {
            _wait = FirstWait;
            _next = now + _wait;
        }
        if (now < _next)
            return false;
        _wait = _wait * 2 < LongestWait ? _wait * 2 : LongestWait;
        _next = now + _wait;
        return true;
    }

    /// <summary>Everything that is wanted is given: the next time starts afresh.</summary>
    public void HandleEnough(Instant now)
    {
        if (_next is { } next && now > next)
            _next = null;
    }
}
