using System.Globalization;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.Sdp;

/// <summary>The words that several attributes share.</summary>
internal static class SdpText
{
    public static bool TryNumber(ReadOnlySpan<char> text, long minimum, long maximum, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= minimum && number <= maximum;

    public static bool TryUnsigned32(ReadOnlySpan<char> text, out uint number) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    public static bool TryPayloadType(ReadOnlySpan<char> text, out PayloadType payloadType)
    {
        var isValid = TryNumber(text, 0, 127, out var number);
        payloadType = new PayloadType((byte)number);
        return isValid;
    }

    /// <summary>Letters, digits and the signs of an SDP token (RFC 8866 section 9) that can name a mid or rid.</summary>
    public static bool IsIdentifier(string text) =>
        text.Length is > 0 and <= SdpLimits.IdentifierCharacters && text.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`{|}~".Contains(c, StringComparison.Ordinal));

    /// <summary>ice-char (RFC 8839 section 5.4), or '-' and '_', which some stacks write.</summary>
    public static bool IsIceText(string text, int minimum) =>
        text.Length >= minimum && text.Length <= SdpLimits.IceCredentialCharacters && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '/' or '-' or '_' or '=');

    /// <summary>Splits at the first separator; the second part is empty when there is none.</summary>
    public static (string First, string Remainder) Split(string text, char separator)
    {
        var at = text.IndexOf(separator, StringComparison.Ordinal);
        return at < 0 ? (text, "") : (text[..at], text[(at + 1)..].Trim(' '));
    }

    public static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public static MediaDirection? Direction(string word) => word switch
    {
        "sendrecv" => MediaDirection.SendReceive,
        "sendonly" => MediaDirection.SendOnly,
        "recvonly" => MediaDirection.ReceiveOnly,
        "inactive" => MediaDirection.Inactive,
        _ => null,
    };

    public static string Word(MediaDirection direction) => direction switch
    {
        MediaDirection.SendReceive => "sendrecv",
        MediaDirection.SendOnly => "sendonly",
        MediaDirection.ReceiveOnly => "recvonly",
        _ => "inactive",
    };

    public static DtlsSetup? Setup(string word) => word switch
    {
        "actpass" => DtlsSetup.ActPass,
        "active" => DtlsSetup.Active,
        "passive" => DtlsSetup.Passive,
        "holdconn" => DtlsSetup.HoldConnection,
        _ => null,
    };

    public static string Word(DtlsSetup setup) => setup switch
    {
        DtlsSetup.ActPass => "actpass",
        DtlsSetup.Active => "active",
        DtlsSetup.Passive => "passive",
        _ => "holdconn",
    };
}
