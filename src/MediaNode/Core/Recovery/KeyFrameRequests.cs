using MediaNode.Core.Time;

namespace MediaNode.Core.Recovery;

/// <summary>
/// Coalesces key frame requests towards one encoding of a publisher: at most one a second, so that many subscribers' requests
/// do not make the publisher send nothing but key frames. The first request, and one for a new subscriber, goes at once.
/// </summary>
internal sealed class KeyFrameRequests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>A request that no key frame answers within this is repeated.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);

    /// <summary>Unanswered requests in a row before the encoding is taken for idle, to be asked again only when somebody wants to.</summary>
    private const int MaximumRepeats = 10;

    private Instant _lastSent = new(long.MinValue / 2);
    private Instant _lastKeyFrame = new(long.MinValue / 2);
    private bool _wanted;
    private int _repeats;

    public Instant NextTimeout { get; private set; } = Instant.Never;

    /// <param name="now">The current moment.</param>
    /// <param name="urgent">A newcomer or a layer switch waits: only an unanswered request of a moment ago holds this one back.</param>
    /// <returns>False when the request was swallowed by the throttle.</returns>
    public bool Want(Instant now, bool urgent)
    {
        var earliest = urgent && _lastKeyFrame >= _lastSent ? now : _lastSent + (urgent ? Patience : Interval);
        var coalesced = _wanted || earliest > now;
        _wanted = true;
        _repeats = 0;
        NextTimeout = Instant.Min(NextTimeout, earliest > now ? earliest : now);
        return !coalesced;
    }

    /// <summary>True when a request has to go out now.</summary>
    public bool TakeDue(Instant now)
    {
        if (NextTimeout > now)
            return false;
        if (!_wanted || _repeats >= MaximumRepeats)
        {
            _wanted = false;
            NextTimeout = Instant.Never;
            return false;
        }
        _repeats++;
        _lastSent = now;
        NextTimeout = now + (_repeats < 3 ? Patience : Interval);
        return true;
    }

    public void HandleKeyFrame(Instant now)
    {
        _lastKeyFrame = now;
        _wanted = false;
        NextTimeout = Instant.Never;
    }
}
