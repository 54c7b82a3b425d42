namespace SignalingService.Connections;

/// <summary>So many a second, and so many at once. The time comes from outside.</summary>
internal sealed class TokenBucket(double perSecond, int burst)
{
    private double _tokens = burst;
    private TimeSpan _filledAt;

    /// <summary>Takes one, on credit if need be.</summary>
    /// <returns>How long to wait until it is covered; zero when it was there.</returns>
    public TimeSpan Take(TimeSpan now)
    {
        Fill(now);
        _tokens--;
        return _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / perSecond);
    }

    /// <summary>Takes one only if it is there.</summary>
    public bool TryTake(TimeSpan now)
    {
        Fill(now);
        if (_tokens < 1)
            return false;
        _tokens--;
        return true;
    }

    private void Fill(TimeSpan now)
    {
        _tokens = Math.Min(burst, _tokens + (now - _filledAt).TotalSeconds * perSecond);
        _filledAt = now;
    }
}
