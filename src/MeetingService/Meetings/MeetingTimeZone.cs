namespace MeetingService.Meetings;

/// <param name="Offset">Minutes east of UTC.</param>
/// <param name="Name">IANA name, such as <c>Europe/Riga</c>.</param>
internal sealed record MeetingTimeZone(int Offset, string? Name);
