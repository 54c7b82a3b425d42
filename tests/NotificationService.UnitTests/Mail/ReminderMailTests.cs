using System.Text;
using MeetingService.Contracts;
using MimeKit;
using NotificationService.Mail;

namespace NotificationService.UnitTests.Mail;

public sealed class ReminderMailTests
{
    private static readonly MailOptions Options = new() { From = "Meetings <no-reply@example.net>", JoinLink = "https://meet.example.net/join/{meetingId}" };

    [Fact]
    public void The_mail_says_what_and_when_to_whom()
    {
        var mail = RoundTrip(SomeMeeting.Details);

        Assert.Equal("Reminder: Weekly - Sun 22 Nov 2026, 19:00 (Europe/Riga)", mail.Subject);
        Assert.Equal("\"Ben\" <ben@example.org>", mail.To.ToString());
        Assert.Equal("\"Meetings\" <no-reply@example.net>", mail.From.ToString());
        Assert.Equal("auto-generated", mail.Headers["Auto-Submitted"]);
        Assert.Contains("Sun 22 Nov 2026, 19:00 - 20:00 (Europe/Riga, UTC+02:00)", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains($"https://meet.example.net/join/{SomeMeeting.Id}", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains($"https://meet.example.net/join/{SomeMeeting.Id}", mail.HtmlBody, StringComparison.Ordinal);
    }

    [Fact]
    public void The_calendar_comes_as_an_invitation_and_as_a_file()
    {
        var mail = RoundTrip(SomeMeeting.Details);
        var invitation = Assert.Single(mail.BodyParts.OfType<TextPart>(), part => part.ContentType.IsMimeType("text", "calendar"));
        var file = Assert.IsType<MimePart>(Assert.Single(mail.Attachments));

        Assert.Equal("REQUEST", invitation.ContentType.Parameters["method"]);
        Assert.Equal("utf-8", invitation.ContentType.Charset);
        Assert.Equal("invite.ics", file.FileName);
        Assert.Equal(invitation.Text.ReplaceLineEndings(), Decode(file).ReplaceLineEndings());
        Assert.Equal(SomeMeeting.Id, Ical.Net.Calendar.Load(invitation.Text)!.Events.Single().Uid);
    }

    [Fact]
    public void Line_ends_in_names_add_no_header()
    {
        const string Evil = "x\r\nBcc: all@example.org\r\n\r\n<script>alert(1)</script>";
        var mail = RoundTrip(SomeMeeting.Details with { Name = Evil, HostName = Evil, Attendees = [new(8, "ben@example.org", Evil)] });

        Assert.Empty(mail.Bcc);
        Assert.Equal(
            ["From", "Date", "Subject", "Message-Id", "To", "Auto-Submitted", "MIME-Version", "Content-Type"],
            mail.Headers.Select(header => header.Field).Concat(mail.Body!.Headers.Select(header => header.Field)).Distinct(),
            StringComparer.OrdinalIgnoreCase);
        Assert.DoesNotContain("<script>", mail.HtmlBody, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;", mail.HtmlBody, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("اجتماع الفريق")]
    [InlineData("Stand-up 👩🏽‍💻🎉")]
    [InlineData("=?utf-8?q?=0D=0ABcc:_all=40example.org?=")]
    public void Names_survive_the_journey(string name)
    {
        var mail = RoundTrip(SomeMeeting.Details with { Name = name, Attendees = [new(8, "ben@example.org", name)] });

        Assert.Empty(mail.Bcc);
        Assert.Contains(name, mail.TextBody, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', mail.Subject!);
        Assert.Equal("ben@example.org", Assert.IsType<MailboxAddress>(Assert.Single(mail.To)).Address);
    }

    [Fact]
    public void No_line_is_longer_than_mail_allows()
    {
        var raw = Encoding.UTF8.GetString(Write(Render(SomeMeeting.Details with { Name = new string('W', 5000) })));

        // RFC 5322 section 2.1.1.
        Assert.All(raw.Split("\r\n"), line => Assert.InRange(line.Length, 0, 998));
    }

    [Fact]
    public void A_mail_sent_again_bears_the_same_id_and_another_attendees_does_not()
    {
        var recipients = Recipients.Of(SomeMeeting.Details, out _);
        var first = ReminderMail.Render(SomeMeeting.Details, recipients[0], Options, SomeMeeting.RemindAt);
        var again = ReminderMail.Render(SomeMeeting.Details with { Version = 9 }, recipients[0], Options, SomeMeeting.StartsAt);
        var other = ReminderMail.Render(SomeMeeting.Details, recipients[1], Options, SomeMeeting.RemindAt);

        Assert.Equal(first.MessageId, again.MessageId);
        Assert.NotEqual(first.MessageId, other.MessageId);
    }

    [Fact]
    public void A_meeting_at_another_time_is_another_mail()
    {
        var recipient = Recipients.Of(SomeMeeting.Details, out _)[0];

        Assert.NotEqual(
            ReminderMail.NameOf(SomeMeeting.Details, recipient),
            ReminderMail.NameOf(SomeMeeting.Details with { StartsAt = SomeMeeting.StartsAt.AddSeconds(1) }, recipient));
    }

    private static MimeMessage Render(MeetingDetails meeting) =>
        ReminderMail.Render(meeting, Recipients.Of(meeting, out _)[0], Options, SomeMeeting.RemindAt);

    /// <summary>What a reader of the written mail sees.</summary>
    private static MimeMessage RoundTrip(MeetingDetails meeting)
    {
        using var stream = new MemoryStream(Write(Render(meeting)));
        return MimeMessage.Load(stream);
    }

    private static byte[] Write(MimeMessage message)
    {
        using var stream = new MemoryStream();
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        message.WriteTo(format, stream);
        return stream.ToArray();
    }

    private static string Decode(MimePart part)
    {
        using var stream = new MemoryStream();
        part.Content!.DecodeTo(stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
