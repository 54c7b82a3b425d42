using MediaNode.Core.Time;

namespace MediaNode.Core.Recovery;

/// <summary>
/// Coalesces key frame requests towards one encoding of a publisher: at most one a second, so that many subscribers' requests do not make the publisher send nothing but key frames.
/// Newcomers need not wait for that as long as there are few of them; in the long run they do not get more than one a second either. A change of layers that the node has decided does not
/// wait: clients cannot bring it about as often as they like.
/// </summary>
internal sealed class KeyFrameRequests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan SwitchInterval = TimeSpan.FromMilliseconds(300);

    /// <summary>Newcomers that are let have their way in a row; another one for each <see cref="Interval"/> after that.</summary>
    private const int Burst = 5;

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
    private Instant _tokensSince = new(long.MinValue / 2);
    private double _tokens = Burst;
    private bool _wanted;
    private KeyFrameUrgency _urgency;
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
        _urgency = urgency > _urgency ? urgency : _urgency;
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
        Refill(now);
        _tokens = Math.Max(0, _tokens - 1);
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
        (_wanted, _urgency, _unanswered) = (false, KeyFrameUrgency.Routine, 0);
        NextTimeout = Instant.Never;
    }

    private Instant Earliest(Instant now, bool isSending)
    {
        if (_unanswered > 0)
            return _lastSent + (isSending ? Repeated() : IdlePatience);
        if (_urgency != KeyFrameUrgency.Newcomer)
            return _lastSent + (_urgency == KeyFrameUrgency.Switch ? SwitchInterval : Interval);
        Refill(now);
        var next = _lastSent + LeastInterval;
        var token = _tokens >= 1 ? now : now + Interval * (1 - _tokens);
        return next > token ? next : token;
    }

    private TimeSpan Repeated()
    {
        var first = RoundTripTime + Patience;
        var longest = first > LongestPatience ? first : LongestPatience;
        var patience = first * Math.Pow(2, Math.Min(_unanswered, MaximumRepeats) - 1);
        return patience < longest ? patience : longest;
    }

    private void Refill(Instant now)
    {
        _tokens = Math.Min(Burst, _tokens + Math.Min(Burst, (now - _tokensSince) / Interval));
        _tokensSince = now;
    }
}
