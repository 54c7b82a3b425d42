using System.Globalization;
using MediaNode.Core.Dtls;

namespace MediaNode.Core.Sdp;

/// <summary>The attributes that may stand at session level or at media level, where the media level wins.</summary>
internal sealed class SharedAttributes
{
    public string? IceUfrag { get; private set; }

    public string? IcePassword { get; private set; }

    public string[]? IceOptions { get; private set; }

    public List<DtlsFingerprint> Fingerprints { get; } = [];

    public DtlsSetup? Setup { get; private set; }

    public MediaDirection? Direction { get; private set; }

    public bool AllowsMixedExtensions { get; private set; }

    /// <summary>Takes an attribute that is one of these.</summary>
    /// <returns>False when it is another attribute. <paramref name="rule"/> says what is wrong with one of these.</returns>
    public bool TryTake(string name, string value, out string? rule)
    {
        rule = null;
        switch (name)
        {
            case "ice-ufrag":
                IceUfrag = value;
                rule = SdpText.IsIceText(value, SdpLimits.MinimumUfragCharacters) ? null : "a=ice-ufrag: 4 to 256 letters, digits, + or / expected";
                return true;
            case "ice-pwd":
                IcePassword = value;
                rule = SdpText.IsIceText(value, SdpLimits.MinimumPasswordCharacters) ? null : "a=ice-pwd: 22 to 256 letters, digits, + or / expected";
                return true;
            case "ice-options":
                IceOptions = SdpText.Words(value);
                return true;
            case "fingerprint":
                rule = TakeFingerprint(value);
                return true;
            case "setup":
                Setup = SdpText.Setup(value);
                rule = Setup is null ? "a=setup: actpass, active, passive or holdconn expected" : null;
                return true;
            case "extmap-allow-mixed":
                AllowsMixedExtensions = true;
                return true;
            default:
                if (SdpText.Direction(name) is not { } direction)
                    return false;
                Direction = direction;
                return true;
        }
    }

    private string? TakeFingerprint(string value)
    {
        if (Fingerprints.Count == SdpLimits.FingerprintsPerMedia)
            return $"a=fingerprint: more than {SdpLimits.FingerprintsPerMedia} in one section";
        var (hash, hex) = SdpText.Split(value, ' ');
        var pairs = hex.Split(':');
        if (hash.Length == 0 || !pairs.All(pair => pair.Length == 2 && byte.TryParse(pair, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _)))
            return "a=fingerprint: hash function and hex pairs with colons expected";
        var fingerprint = new DtlsFingerprint(hash.ToLowerInvariant(), hex.ToUpperInvariant());
        Fingerprints.Add(fingerprint);
        return !TransportNegotiation.HashFunctions.Contains(fingerprint.Algorithm) || DtlsFingerprint.TryParse(fingerprint.ToString(), out _)
            ? null
            : $"a=fingerprint: the value has not the length of a {fingerprint.Algorithm} digest";
    }
}
