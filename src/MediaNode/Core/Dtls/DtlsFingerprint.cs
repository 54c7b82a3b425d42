using System.Diagnostics.CodeAnalysis;

namespace MediaNode.Core.Dtls;

/// <summary>
/// A certificate's digest as SDP carries it (RFC 8122 section 5): algorithm in lower case, value as upper-case hexadecimal pairs with colons.
/// Only SHA-2 is taken; md5, sha-1 and what is unknown are refused.
/// </summary>
public readonly record struct DtlsFingerprint(string Algorithm, string Value)
{
    internal const int MaxDigestBytes = 64;

    /// <summary>Parses "sha-256 AB:CD:..." (either case).</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DtlsFingerprint fingerprint)
    {
        fingerprint = default;
        text = text.Trim();
        var space = text.IndexOf(' ');
        if (space < 0 || !TryGetAlgorithm(text[..space], out var algorithm, out var digestBytes))
            return false;

        var value = text[(space + 1)..].TrimStart();
        Span<byte> digest = stackalloc byte[MaxDigestBytes];
        if (!TryReadHex(value, digest[..digestBytes]))
            return false;

        fingerprint = new DtlsFingerprint(algorithm, Format(digest[..digestBytes]));
        return true;
    }

    public override string ToString() => $"{Algorithm} {Value}";

    internal static string Format(ReadOnlySpan<byte> digest) => string.Join(':', Convert.ToHexString(digest).Chunk(2).Select(pair => new string(pair)));

    /// <summary>The digest's bytes; false for a value that <see cref="TryParse"/> would have refused.</summary>
    internal bool TryGetDigest(Span<byte> destination, out int length) =>
        TryGetAlgorithm(Algorithm, out _, out length) && TryReadHex(Value, destination[..length]);

    private static bool TryGetAlgorithm(ReadOnlySpan<char> name, [NotNullWhen(true)] out string? algorithm, out int digestBytes)
    {
        (algorithm, digestBytes) = (null, 0);
        if (name.Equals("sha-256", StringComparison.OrdinalIgnoreCase))
            (algorithm, digestBytes) = ("sha-256", 32);
        else if (name.Equals("sha-384", StringComparison.OrdinalIgnoreCase))
            (algorithm, digestBytes) = ("sha-384", 48);
        else if (name.Equals("sha-512", StringComparison.OrdinalIgnoreCase))
            (algorithm, digestBytes) = ("sha-512", 64);
        return algorithm is not null;
    }

    private static bool TryReadHex(ReadOnlySpan<char> value, Span<byte> digest)
    {
        if (value.Length != digest.Length * 3 - 1)
            return false;

        for (var i = 0; i < digest.Length; i++)
        {
            var pair = value.Slice(i * 3, 2);
            if (!char.IsAsciiHexDigit(pair[0]) || !char.IsAsciiHexDigit(pair[1]) || (i > 0 && value[i * 3 - 1] != ':'))
                return false;
            digest[i] = (byte)((HexDigit(pair[0]) << 4) | HexDigit(pair[1]));
        }

        return true;
    }

    private static int HexDigit(char digit) => char.IsAsciiDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
