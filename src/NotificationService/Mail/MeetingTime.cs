using System.Globalization;
using MeetingService.Contracts;

namespace NotificationService.Mail;

/// <summary>A meeting's times as its people read them: in the meeting's time zone, or in UTC when it names none that is known.</summary>
internal sealed record MeetingTime(DateTimeOffset StartsAt, DateTimeOffset EndsAt, string ZoneName)
{
    private const string Day = "ddd d MMM yyyy";
    private const string Minute = "HH:mm";

    public static MeetingTime Of(MeetingDetails meeting)
    {
        var zone = meeting.TimeZoneName is { Length: > 0 } name && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var found) ? found : TimeZoneInfo.Utc;
        return new(TimeZoneInfo.ConvertTime(meeting.StartsAt, zone), TimeZoneInfo.ConvertTime(meeting.EndsAt, zone), zone.Id);
    }

    /// <summary>Such as "Sun 22 Nov 2026, 19:00 (Europe/Riga)".</summary>
    public string Start => $"{Format(StartsAt, Day)}, {Format(StartsAt, Minute)} ({ZoneName})";

    /// <summary>Such as "Sun 22 Nov 2026, 19:00 - 20:00 (Europe/Riga, UTC+02:00)"; the day of the end only when it is another.</summary>
    public string Span
    {
        get
        {
            var end = StartsAt.Date == EndsAt.Date ? Format(EndsAt, Minute) : $"{Format(EndsAt, Day)}, {Format(EndsAt, Minute)}";
            return $"{Format(StartsAt, Day)}, {Format(StartsAt, Minute)} - {end} ({Zone})";
        }
    }

    private string Zone => ZoneName == TimeZoneInfo.Utc.Id ? ZoneName : $"{ZoneName}, UTC{Format(StartsAt, "zzz")}";

    private static string Format(DateTimeOffset time, string format) => time.ToString(format, CultureInfo.InvariantCulture);
}
