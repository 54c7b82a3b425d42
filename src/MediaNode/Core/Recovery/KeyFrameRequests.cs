using MediaNode.Core.Time;

namespace MediaNode.Core.Recovery;

/// <summary>
/// Coalesces key frame requests towards one encoding of a publisher: at most one a second, so that many subscribers' requests do not make the publisher send nothing but key frames.
/// Who has no picture need not wait for that as long as there are few of them; in the long run newcomers get four a second, as in a meeting that fills, and who comes back one, since a client can
/// do that as often as it likes. A change of layers that the node has decided does not wait either.
/// </summary>
internal sealed class KeyFrameRequests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan SwitchInterval = TimeSpan.FromMilliseconds(300);

    /// <summary>In the long run newcomers have one each so often.</summary>
    private static readonly TimeSpan NewcomerInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>Who comes within this after a request shares its key frame, or the next.</summary>
    private static readonly TimeSpan LeastInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>A request that no key frame answers within this, and the time there and back, is repeated; the next time after twice as long, then every second: requests and key frames get lost.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPatience = TimeSpan.FromSeconds(1);

    /// <summary>The same while nothing at all comes: the publisher is muted, or has a still picture that it sends when it is asked.</summary>
    private static readonly TimeSpan IdlePatience = TimeSpan.FromSeconds(10);

    /// <summary>Unanswered requests in a row before the encoding is asked again only when somebody wants to.</summary>
    private const int MaximumRepeats = 10;

    private Instant _lastSent = new(long.MinValue / 2);
    private Instant _lastKeyFrame = new(long.MinValue / 2);
    private KeyFrameAllowance _newcomers = new(NewcomerInterval);
    private KeyFrameAllowance _returning = new(Interval);
    private bool _wanted;
    private int _urgencies;
    private int _unanswered;

    /// <summary>To the publisher and back.</summary>
    public TimeSpan RoundTripTime { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Of the request that was sent last: another one with each that is no repetition (RFC 5104 section 4.3.1.1).</summary>
    public byte SequenceNumber { get; private set; }

    public Instant NextTimeout { get; private set; } = Instant.Never;

    /// <param name="now">The current moment.</param>
    /// <param name="urgency">Who waits for it.</param>
    /// <param name="isSending">Something of the encoding comes.</param>
    /// <returns>False when the request was swallowed: another one is on its way, or has to be waited for.</returns>
    public bool Want(Instant now, KeyFrameUrgency urgency, bool isSending = true)
    {
        _urgencies |= 1 << (int)urgency;
        var earliest = Earliest(now, isSending);
        var coalesced = _wanted || earliest > now;
        _wanted = true;
        NextTimeout = earliest > now ? earliest : now;
        return !coalesced;
    }

    /// <summary>True when a request has to go out now.</summary>
    public bool TakeDue(Instant now, bool isSending = true)
    {
        if (NextTimeout > now)
            return false;
        if (!_wanted)
        {
            NextTimeout = Instant.Never;
            return false;
        }
        if (_lastKeyFrame >= _lastSent)
            SequenceNumber++;
        _newcomers.Take(now);
        _returning.Take(now);
        _lastSent = now;
        // Whoever still wants it says so, and then it goes on as seldom.
        _wanted = ++_unanswered < MaximumRepeats;
        NextTimeout = _wanted ? Earliest(now, isSending) : Instant.Never;
        return true;
    }

    /// <summary>Packets come again after a time without any: whoever waits need not do so any longer.</summary>
    public void HandleResumed(Instant now)
    {
        _unanswered = 0;
        if (_wanted)
            NextTimeout = now;
    }

    /// <returns>True when it had been asked for.</returns>
    public bool HandleKeyFrame(Instant now)
    {
        var wasAsked = _lastSent > _lastKeyFrame;
        _lastKeyFrame = now;
        HandleEnd();
        return wasAsked;
    }

    /// <summary>Nobody is there any more who could send one.</summary>
    public void HandleEnd()
    {
        (_wanted, _urgencies, _unanswered) = (false, 0, 0);
        NextTimeout = Instant.Never;
    }

    private Instant Earliest(Instant now, bool isSending)
    {
        if (_unanswered > 0)
            return _lastSent + (isSending ? Repeated() : IdlePatience);
        var earliest = _lastSent + (Waits(KeyFrameUrgency.Switch) ? SwitchInterval : Interval);
        var least = _lastSent + LeastInterval;
        if (Waits(KeyFrameUrgency.Newcomer))
            earliest = Instant.Min(earliest, Instant.Max(least, _newcomers.NextAt(now)));
        if (Waits(KeyFrameUrgency.Returning))
            earliest = Instant.Min(earliest, Instant.Max(least, _returning.NextAt(now)));
        return earliest;
    }

    private bool Waits(KeyFrameUrgency urgency) => (_urgencies & (1 << (int)urgency)) != 0;

    private TimeSpan Repeated()
    {
        var first = RoundTripTime + Patience;
        var longest = first > LongestPatience ? first : LongestPatience;
        var patience = first * Math.Pow(2, Math.Min(_unanswered, MaximumRepeats) - 1);
        return patience < longest ? patience : longest;
    }
}
