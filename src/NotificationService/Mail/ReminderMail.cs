using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MeetingService.Contracts;
using MimeKit;

namespace NotificationService.Mail;

/// <summary>A reminder as a mail. Pure: the same input gives the same message, up to its part boundaries.</summary>
internal static class ReminderMail
{
    private const string CalendarFileName = "invite.ics";

    public static MimeMessage Render(MeetingDetails meeting, Recipient recipient, MailOptions options, DateTimeOffset now)
    {
        var sender = options.Sender;
        var calendar = ReminderCalendar.Render(meeting, recipient, sender, now);
        var texts = ReminderText.Of(meeting, recipient, options);
        var message = new MimeMessage
        {
            Subject = $"Reminder: {texts.Title} - {texts.Time.Start}",
            Date = now,
            MessageId = MessageIdOf(meeting, recipient, sender),
            Body = new Multipart("mixed")
            {
                new MultipartAlternative
                {
                    new TextPart("plain") { Text = texts.Plain },
                    new TextPart("html") { Text = texts.Html },
                    CalendarPart(calendar),
                },
                CalendarFile(calendar),
            },
        };
        message.From.Add(sender);
        message.To.Add(recipient.Mailbox);
        // RFC 3834 section 5: keeps vacation replies away.
        message.Headers.Add("Auto-Submitted", "auto-generated");
        return message;
    }

    /// <summary>Names one mail to one address for one start of one meeting, in every attempt and every process.</summary>
    public static string NameOf(MeetingDetails meeting, Recipient recipient)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(recipient.Key)).AsSpan(0, 12));
        return string.Create(CultureInfo.InvariantCulture, $"{meeting.MeetingId}-{meeting.StartsAt.ToUnixTimeSeconds()}-{digest}");
    }

    /// <summary>A mail that was sent twice after all bears the same id twice, by which mail servers and readers tell copies.</summary>
    private static string MessageIdOf(MeetingDetails meeting, Recipient recipient, MailboxAddress sender) =>
        $"{NameOf(meeting, recipient)}@{sender.Domain}";

    /// <summary>RFC 6047 section 2.4: the method parameter makes mail readers offer the meeting itself, not just a file.</summary>
    private static TextPart CalendarPart(string calendar)
    {
        var part = new TextPart("calendar") { Text = calendar };
        part.ContentType.Parameters.Add("method", "REQUEST");
        return part;
    }

    private static MimePart CalendarFile(string calendar) => new("application", "ics")
    {
        Content = new MimeContent(new MemoryStream(Encoding.UTF8.GetBytes(calendar))),
        ContentDisposition = new ContentDisposition(ContentDisposition.Attachment) { FileName = CalendarFileName },
        ContentTransferEncoding = ContentEncoding.Base64,
        FileName = CalendarFileName,
    };
}
