using System.Globalization;
using System.Text;

namespace NotificationService.Mail;

/// <summary>Makes text that users wrote fit for a header, a calendar property or a line of a mail: one line, nothing invisible that steers.</summary>
internal static class PlainText
{
    /// <summary>Longest name shown, in what a reader sees as characters.</summary>
    public const int LongestName = 150;

    /// <summary>Bound on the work for one text, in UTF-16 units: one visible character may be many.</summary>
    private const int LongestLooked = 4096;

    /// <returns>Empty when nothing visible is left.</returns>
    public static string OneLine(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        var cleaned = new StringBuilder(Math.Min(text.Length, LongestLooked));
        var space = false;
        foreach (var rune in text.AsSpan(0, Math.Min(text.Length, LongestLooked)).EnumerateRunes())
        {
            if (IsGap(rune))
            {
                space = cleaned.Length > 0;
                continue;
            }
            if (IsBidiControl(rune))
                continue;
            if (space)
                cleaned.Append(' ');
            space = false;
            cleaned.Append(rune.ToString());
        }
        return Shorten(cleaned.ToString());
    }

    /// <summary>White space and controls (line ends above all) part words.</summary>
    private static bool IsGap(Rune rune) => Rune.IsWhiteSpace(rune) || Rune.IsControl(rune);

    /// <summary>
    /// Embeddings, overrides and isolates of Unicode's annex 9 reach beyond the name they stand in: they could turn the rest of a line around.
    /// Arabic and Hebrew names need none of them.
    /// </summary>
    private static bool IsBidiControl(Rune rune) => rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);

    /// <summary>Cuts between visible characters, never inside an emoji or an accented letter.</summary>
    private static string Shorten(string text)
    {
        var elements = StringInfo.GetTextElementEnumerator(text);
        for (var count = 0; elements.MoveNext(); count++)
        {
            if (count == LongestName)
                return string.Concat(text.AsSpan(0, elements.ElementIndex), "…");
        }
        return text;
    }
}
