using MeetingService.Wire;

namespace MeetingService.Meetings;

/// <summary>The rule that start and end obey together.</summary>
internal static class MeetingPeriod
{
    /// <returns>Null when the period is in order.</returns>
    public static Problem? Check(DateTimeOffset startsAt, DateTimeOffset endsAt) =>
        endsAt <= startsAt ? Problem.Invalid("end_date", "must be later than start_date")
        : endsAt - startsAt > MeetingLimits.Duration ? Problem.Invalid("end_date", $"must be at most {MeetingLimits.Duration.TotalDays} days after start_date")
        : null;
}
