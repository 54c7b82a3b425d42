using Ical.Net;
using Ical.Net.CalendarComponents;
using MeetingService.Contracts;
using MimeKit;
using NotificationService.Mail;

namespace NotificationService.UnitTests.Mail;

public sealed class ReminderCalendarTests
{
    private static readonly MailboxAddress Sender = new("Meetings", "no-reply@example.net");

    [Fact]
    public void The_file_is_a_request_for_the_meeting_at_its_time()
    {
        var text = Render(SomeMeeting.Details);
        var calendar = Calendar.Load(text)!;
        var entry = Assert.Single(calendar.Events);

        Assert.Equal("REQUEST", calendar.Method);
        Assert.Equal(SomeMeeting.Id, entry.Uid);
        Assert.Equal(3, entry.Sequence);
        Assert.Equal("CONFIRMED", entry.Status);
        Assert.Equal("Weekly", entry.Summary);
        Assert.Equal(SomeMeeting.StartsAt.UtcDateTime, entry.DtStart!.AsUtc);
        Assert.Equal(SomeMeeting.Details.EndsAt.UtcDateTime, entry.DtEnd!.AsUtc);
        Assert.Equal("mailto:anna@example.org", entry.Organizer!.Value!.ToString());
        Assert.Equal("Anna Host", entry.Organizer.CommonName);
        Assert.Equal(["mailto:ben@example.org", "mailto:eve@example.com"], entry.Attendees.Select(attendee => attendee.Value!.ToString()));
        Assert.Contains("DTSTART:20261122T170000Z\r\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_later_version_has_a_higher_sequence()
    {
        Assert.Equal(4, EventOf(SomeMeeting.Details with { Version = 4 }).Sequence);
    }

    [Fact]
    public void A_host_without_an_address_is_represented_by_the_sender()
    {
        var organizer = EventOf(SomeMeeting.Details with { HostEmail = null }).Organizer!;

        Assert.Equal("mailto:no-reply@example.net", organizer.Value!.ToString());
        Assert.Equal("Anna Host", organizer.CommonName);
    }

    [Theory]
    [InlineData("Weekly\r\nATTENDEE:mailto:mallory@example.org\r\nX-EVIL:1")]
    [InlineData("END:VEVENT\nBEGIN:VEVENT")]
    [InlineData("a;b,c:d\\e\"f")]
    [InlineData("a\u0000b")]
    public void Text_cannot_add_lines_to_the_file(string evil)
    {
        var meeting = SomeMeeting.Details with { Name = evil, HostName = evil, Attendees = [new(8, "ben@example.org", evil)] };

        var text = Render(meeting);
        var entry = Assert.Single(Calendar.Load(text)!.Events);

        Assert.Equal(PlainText.OneLine(evil), entry.Summary);
        Assert.Equal(PlainText.OneLine(evil).Replace('"', '\''), entry.Organizer!.CommonName);
        Assert.Equal("mailto:ben@example.org", Assert.Single(entry.Attendees).Value!.ToString());
        Assert.DoesNotContain(entry.Properties, property => property.Name.StartsWith("X-", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("اجتماع الفريق")]
    [InlineData("Stand-up 👩🏽‍💻🎉")]
    public void Names_survive_the_file(string name)
    {
        Assert.Equal(name, EventOf(SomeMeeting.Details with { Name = name }).Summary);
    }

    [Fact]
    public void Lines_are_folded_at_75_octets()
    {
        var text = Render(SomeMeeting.Details with { Name = string.Concat(Enumerable.Repeat("встреча ", 18)) });

        Assert.All(text.Split("\r\n"), line => Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(line), 0, 75));
        Assert.EndsWith("END:VCALENDAR\r\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Unusual_local_parts_survive_the_mailto_address()
    {
        var attendee = Assert.Single(EventOf(SomeMeeting.Details with { Attendees = [new(1, "o'neil+a/b?c%d@example.org", "O")] }).Attendees);

        Assert.Equal("o'neil+a/b?c%d@example.org", Uri.UnescapeDataString(attendee.Value!.OriginalString["mailto:".Length..]));
    }

    [Fact]
    public void Past_fifty_attendees_a_file_names_only_its_reader()
    {
        MeetingAttendee[] many = [.. Enumerable.Range(0, ReminderCalendar.MostAttendeesListed + 1).Select(i => new MeetingAttendee(i, $"a{i}@example.org", null))];

        Assert.Equal(ReminderCalendar.MostAttendeesListed, EventOf(SomeMeeting.Details with { Attendees = many[1..] }).Attendees.Count);
        Assert.Equal("mailto:a0@example.org", Assert.Single(EventOf(SomeMeeting.Details with { Attendees = many }).Attendees).Value!.ToString());
    }

    private static CalendarEvent EventOf(MeetingDetails meeting) => Calendar.Load(Render(meeting))!.Events.Single();

    private static string Render(MeetingDetails meeting) =>
        ReminderCalendar.Render(meeting, Recipients.Of(meeting, out _)[0], Sender, SomeMeeting.RemindAt);
}
