using MeetingService.Contracts;

namespace NotificationService.Reminders;

/// <summary>The rules that a message must keep for the service to work with it.</summary>
internal static class MeetingMessage
{
    /// <summary>Mails per reminder; the platform's own bound on a meeting's attendees.</summary>
    public const int MostAttendees = 1000;

    /// <summary>Longest "notify before": the wire allows 4 weeks.</summary>
    public static readonly TimeSpan LongestNotice = TimeSpan.FromDays(28);

    private const int MeetingIdLength = 24;

    /// <returns>The first rule that is broken, with the name of the field; null when none is.</returns>
    public static string? FindProblem(MeetingDetails? meeting) => meeting switch
    {
        null => "Meeting is missing.",
        { MeetingId: null } => "MeetingId is missing.",
        { MeetingId: var id } when id.Length != MeetingIdLength || !id.All(char.IsAsciiHexDigitLower) => "MeetingId is not 24 lower-case hexadecimal characters.",
        { Version: < 1 } => "Version is below 1.",
        { Name: null } => "Name is missing.",
        { Attendees: null } => "Attendees is missing.",
        { Attendees.Count: > MostAttendees } => $"Attendees has more than {MostAttendees} entries.",
        _ when meeting.Attendees.Contains(null!) => "Attendees has an empty entry.",
        { NotifyBefore: { } before } when before < TimeSpan.Zero || before > LongestNotice => "NotifyBefore is not between 0 and 28 days.",
        _ when meeting.EndsAt < meeting.StartsAt => "EndsAt is before StartsAt.",
        _ when meeting.StartsAt < DateTimeOffset.UnixEpoch => "StartsAt is before 1970.",
        _ => null,
    };
}

/// <summary>A message that no repetition makes right: it goes to the error queue at once.</summary>
internal sealed class InvalidMeetingMessageException(string problem) : Exception(problem);
