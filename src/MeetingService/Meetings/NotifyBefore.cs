namespace MeetingService.Meetings;

internal enum NotifyMetric
{
    Minutes,
    Hours,
    Days,
    Weeks,
}

/// <summary>How long before the start attendees are reminded.</summary>
internal sealed record NotifyBefore(NotifyMetric Metric, int Value)
{
    /// <summary>Each metric's range, as the API documents it; more of one is said in the next.</summary>
    public static readonly IReadOnlyDictionary<NotifyMetric, (int Minimum, int Maximum)> Ranges = new Dictionary<NotifyMetric, (int, int)>
    {
        [NotifyMetric.Minutes] = (0, 55),
        [NotifyMetric.Hours] = (1, 24),
        [NotifyMetric.Days] = (1, 30),
        [NotifyMetric.Weeks] = (1, 4),
    };

    public TimeSpan ToTimeSpan() => Metric switch
    {
        NotifyMetric.Minutes => TimeSpan.FromMinutes(Value),
        NotifyMetric.Hours => TimeSpan.FromHours(Value),
        NotifyMetric.Days => TimeSpan.FromDays(Value),
        _ => TimeSpan.FromDays(7 * Value),
    };
}
