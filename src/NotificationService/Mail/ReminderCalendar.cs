using Ical.Net;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using Ical.Net.Serialization;
using MeetingService.Contracts;
using MimeKit;

namespace NotificationService.Mail;

/// <summary>The calendar file of a reminder: an iTIP request (RFC 5546 section 3.2.2) that adds the meeting, or updates it where it is known.</summary>
internal static class ReminderCalendar
{
    /// <summary>
    /// A calendar file names all attendees up to this many, and past it only the one it is sent to: the files of one reminder would otherwise
    /// grow with the square of the attendees (1000 of them: 100 MB), and big meetings rarely want their guest list in every inbox.
    /// </summary>
    public const int MostAttendeesListed = 50;

    public static string Render(MeetingDetails meeting, Recipient recipient, MailboxAddress sender, DateTimeOffset now)
    {
        var calendar = new Calendar { Method = CalendarMethods.Request, ProductId = "-//Platform//Notifications//EN" };
        var entry = new CalendarEvent
        {
            Uid = meeting.MeetingId,
            // RFC 5545 section 3.8.7.4: clients take an entry of a higher sequence for an update.
            Sequence = (int)Math.Min(meeting.Version, int.MaxValue),
            Summary = TitleOf(meeting),
            Status = EventStatus.Confirmed,
            Organizer = OrganizerOf(meeting, sender),
            // UTC throughout: no VTIMEZONE to go out of date.
            DtStamp = Utc(now),
            DtStart = Utc(meeting.StartsAt),
            DtEnd = Utc(meeting.EndsAt),
        };
        foreach (var attendee in Listed(meeting, recipient))
            entry.Attendees.Add(AttendeeOf(attendee.Mailbox));
        calendar.Events.Add(entry);
        return new CalendarSerializer().SerializeToString(calendar)!;
    }

    public static string TitleOf(MeetingDetails meeting) => PlainText.OneLine(meeting.Name) is { Length: > 0 } name ? name : "Meeting";

    private static IReadOnlyList<Recipient> Listed(MeetingDetails meeting, Recipient recipient)
    {
        var all = Recipients.Of(meeting, out _);
        return all.Count <= MostAttendeesListed ? all : [recipient];
    }

    /// <summary>RFC 5546 requires an organizer. A host without an address is represented by the platform's sender.</summary>
    private static Organizer OrganizerOf(MeetingDetails meeting, MailboxAddress sender)
    {
        var host = Recipients.TryParse(meeting.HostEmail, meeting.HostName, out var mailbox)
            ? mailbox
            : new MailboxAddress(PlainText.OneLine(meeting.HostName), sender.Address);
        return new Organizer(AddressOf(host)) { CommonName = NameOf(host) };
    }

    private static Attendee AttendeeOf(MailboxAddress mailbox) => new(AddressOf(mailbox))
    {
        CommonName = NameOf(mailbox),
        Role = ParticipationRole.RequiredParticipant,
        ParticipationStatus = EventParticipationStatus.NeedsAction,
        Rsvp = false,
    };

    private static string AddressOf(MailboxAddress mailbox) => $"mailto:{Uri.EscapeDataString(mailbox.LocalPart)}@{mailbox.Domain}";

    /// <summary>RFC 5545 section 3.2: a parameter's value cannot hold a double quote.</summary>
    private static string NameOf(MailboxAddress mailbox) => mailbox.Name is { Length: > 0 } name ? name.Replace('"', '\'') : mailbox.Address;

    private static CalDateTime Utc(DateTimeOffset time) => new(time.UtcDateTime, hasTime: true);
}
