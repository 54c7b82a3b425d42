namespace NotificationService.Deliveries;

/// <summary>Doubling waits.</summary>
internal readonly record struct Backoff(TimeSpan First, TimeSpan Longest)
{
    /// <summary>For one mail that the server deferred: greylisting lets it pass after some minutes.</summary>
    public static readonly Backoff OfMail = new(TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(15));

    /// <summary>For a transport that is away: tried often enough that its return is seen within the longest wait.</summary>
    public static readonly Backoff OfTransport = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

    /// <param name="failures">How many there have been before this one.</param>
    public TimeSpan After(int failures)
    {
        var factor = Math.Pow(2, Math.Clamp(failures, 0, 30));
        return TimeSpan.FromSeconds(Math.Min(First.TotalSeconds * factor, Longest.TotalSeconds));
    }
}
