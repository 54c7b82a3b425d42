using System.Globalization;
using MeetingService.Contracts;

namespace NotificationService.IntegrationTests.Harness;

internal static class Invitations
{
    private const int NoticeMinutes = 10;

    /// <summary>A meeting with its own id, whose reminder is due after the given time.</summary>
    public static MeetingDetails RemindedIn(TimeSpan time, int attendees = 3)
    {
        var id = Guid.NewGuid().ToString("N")[..24];
        var startsAt = DateTimeOffset.FromUnixTimeMilliseconds((DateTimeOffset.UtcNow + time).ToUnixTimeMilliseconds()).AddMinutes(NoticeMinutes);
        return new(
            id, Version: 1, ApplicationId: 1, $"Meeting {id[..6]}", startsAt, startsAt.AddHours(1), HostUserId: 7, "Anna", "anna@example.org",
            Notify: true, TimeSpan.FromMinutes(NoticeMinutes), "Europe/Riga", Attendees(attendees));
    }

    public static MeetingDetails RemindedInSeconds(double seconds, int attendees = 3) => RemindedIn(TimeSpan.FromSeconds(seconds), attendees);

    public static MeetingDetails Next(this MeetingDetails meeting) => meeting with { Version = meeting.Version + 1 };

    public static MeetingDetails MovedBy(this MeetingDetails meeting, TimeSpan time) =>
        meeting with { StartsAt = meeting.StartsAt + time, EndsAt = meeting.EndsAt + time };

    public static IReadOnlyList<MeetingAttendee> Attendees(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new MeetingAttendee(i + 1, Address(i), $"Attendee {i}"))];

    public static string Address(int index) => string.Create(CultureInfo.InvariantCulture, $"attendee{index:000}@example.org");

    public static IEnumerable<string> Addresses(this MeetingDetails meeting) => meeting.Attendees.Select(attendee => attendee.Email!);
}
