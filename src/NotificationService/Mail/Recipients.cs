using MeetingService.Contracts;
using MimeKit;

namespace NotificationService.Mail;

/// <param name="Key">The address in lower case: an attendee named twice gets one mail.</param>
/// <param name="Mailbox">The address as given, with the cleaned name.</param>
internal sealed record Recipient(string Key, MailboxAddress Mailbox);

/// <summary>Who gets mail for a meeting: its attendees that have an address, each address once. The host is not among them unless invited.</summary>
internal static class Recipients
{
    /// <summary>RFC 5321 section 4.5.3.1.3: a path has at most 256 octets, of which two are the angle brackets.</summary>
    private const int LongestAddress = 254;

    /// <param name="meeting">The meeting.</param>
    /// <param name="unusable">How many attendees have an address that is not one.</param>
    public static IReadOnlyList<Recipient> Of(MeetingDetails meeting, out int unusable)
    {
        unusable = 0;
        var recipients = new Dictionary<string, Recipient>(StringComparer.Ordinal);
        foreach (var attendee in meeting.Attendees)
        {
            if (string.IsNullOrWhiteSpace(attendee.Email))
                continue;
            if (TryParse(attendee.Email, attendee.Name, out var mailbox))
                recipients.TryAdd(KeyOf(mailbox), new(KeyOf(mailbox), mailbox));
            else
                unusable++;
        }
        return [.. recipients.Values];
    }

    /// <summary>Accepts <c>local@domain</c> and nothing around it: no name, comment, route, group, list or line end.</summary>
    public static bool TryParse(string? address, string? name, out MailboxAddress mailbox)
    {
        mailbox = null!;
        var bare = address?.Trim();
        if (string.IsNullOrEmpty(bare) || bare.Length > LongestAddress || bare.Any(IsForbidden))
            return false;
        if (!MailboxAddress.TryParse(bare, out var parsed) || parsed.Address != bare || parsed.Domain.Length == 0 || parsed.Route.Count > 0)
            return false;
        mailbox = new MailboxAddress(PlainText.OneLine(name), parsed.Address);
        return true;
    }

    private static string KeyOf(MailboxAddress mailbox) => mailbox.Address.ToLowerInvariant();

    private static bool IsForbidden(char character) => char.IsControl(character) || char.IsWhiteSpace(character) || char.IsSurrogate(character) || character is '<' or '>' or '"' or '(' or ')' or ',' or ';' or ':' or '\\';
}
