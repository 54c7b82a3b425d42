using MediaNode.Core.Time;

namespace MediaNode.Core.Recovery;

/// <summary>A token bucket: a few key frames in a row, then one per interval.</summary>
internal struct KeyFrameAllowance(TimeSpan interval)
{
    private const int Burst = 5;

    private double _tokens = Burst;
    private Instant _since = new(long.MinValue / 2);

    /// <summary>When the next one may be asked for: now, or when there is a token again.</summary>
    public Instant NextAt(Instant now)
    {
        Refill(now);
        return _tokens >= 1 ? now : now + interval * (1 - _tokens);
    }

    /// <summary>One is asked for, whoever wants it.</summary>
    public void Take(Instant now)
    {
        Refill(now);
        _tokens = Math.Max(0, _tokens - 1);
    }

    private void Refill(Instant now)
    {
        _tokens = Math.Min(Burst, _tokens + Math.Min(Burst, (now - _since) / interval));
        _since = now;
    }
}
