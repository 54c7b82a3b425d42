using System.Security.Cryptography;

namespace MeetingService.Meetings;

/// <summary>
/// 24 lower-case hexadecimal characters, as clients of this API know ids. At least one is a letter: they take ids of digits alone for user ids.
/// Random, so that knowing one meeting does not lead to another.
/// </summary>
internal static class MeetingId
{
    private const int Length = 24;

    public static string New()
    {
        while (true)
        {
            var id = RandomNumberGenerator.GetHexString(Length, lowercase: true);
            if (id.Any(char.IsAsciiLetter))
                return id;
        }
    }

    public static bool IsWellFormed(string text) => text.Length == Length && text.All(char.IsAsciiHexDigitLower);
}
