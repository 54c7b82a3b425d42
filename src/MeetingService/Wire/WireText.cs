using System.Diagnostics.CodeAnalysis;
using System.Net.Mail;
using System.Text.Json;

namespace MeetingService.Wire;

/// <summary>Rules for text from outside.</summary>
internal static class WireText
{
    /// <summary>RFC 5321 section 4.5.3.1.3: a path of 256 octets, with its two angle brackets.</summary>
    public const int MaximumEmailLength = 254;

    public static string? Read(JsonElement value, int maximumLength, out string rule)
    {
        rule = "";
        if (!TryGetString(value, out var text))
            rule = "must be text";
        else if (text.Length > maximumLength)
            rule = $"must be at most {maximumLength} characters";
        else if (text.Any(char.IsControl))
            rule = "must not contain control characters";
        return rule.Length == 0 ? text : null;
    }

    /// <summary>False also for escaped halves of surrogate pairs, which are JSON but not text.</summary>
    public static bool TryGetString(JsonElement value, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (value.ValueKind != JsonValueKind.String)
            return false;
        try
        {
            text = value.GetString();
        }
        catch (InvalidOperationException)
        {
            // The only way System.Text.Json offers to learn that a string is not valid UTF-16.
        }
        return text is not null;
    }

    /// <summary>Lower case, since no mail system in use tells letters' case apart; null if it is not one plain address.</summary>
    public static string? NormalizeEmail(string text) =>
        text.Length <= MaximumEmailLength && MailAddress.TryCreate(text, out var address) && address.Address == text && !text.Any(char.IsWhiteSpace)
#pragma warning disable CA1308 // Shown and mailed to, so the customary lower case.
            ? text.ToLowerInvariant()
#pragma warning restore CA1308
            : null;
}
