using System.Globalization;

namespace MeetingService.Wire;

/// <summary>The API's two forms of a moment: unix seconds for dates of meetings, ISO 8601 for when records changed.</summary>
internal static class WireTime
{
    public const string UnixSecondsRule = "must be a number of unix seconds, from 0 to 4102444800 (year 2100)";

    /// <summary>Later than any meeting, and low enough to catch milliseconds given by mistake.</summary>
    private const long LatestSeconds = 4_102_444_800;

    /// <summary><c>Date.toString()</c> of JavaScript, which the SDK puts into queries, without its trailing "(zone name)".</summary>
    private const string JavaScriptDate = "ddd MMM dd yyyy HH:mm:ss 'GMT'zzz";

    public static bool TryFromUnixSeconds(double seconds, out DateTimeOffset moment)
    {
        var isInRange = seconds is >= 0 and <= LatestSeconds;
        moment = isInRange ? DateTimeOffset.FromUnixTimeSeconds((long)seconds) : default;
        return isInRange;
    }

    /// <summary>Unix seconds, ISO 8601, or JavaScript's <c>Date.toString()</c>.</summary>
    public static bool TryParse(string text, out DateTimeOffset moment)
    {
        const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        var invariant = CultureInfo.InvariantCulture;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, invariant, out var seconds))
            return TryFromUnixSeconds(seconds, out moment);
        var zoneName = text.IndexOf(" (", StringComparison.Ordinal);
        var bare = zoneName < 0 ? text : text[..zoneName];
        return DateTimeOffset.TryParseExact(bare, JavaScriptDate, invariant, utc, out moment)
            || DateTimeOffset.TryParseExact(bare, ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"], invariant, utc, out moment);
    }

    public static string ToIso(DateTimeOffset moment) =>
        moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Now, no finer than <see cref="ToIso"/> shows it, so that a shown moment finds its record again.</summary>
    public static DateTimeOffset GetMilliseconds(this TimeProvider time) =>
        DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
}
