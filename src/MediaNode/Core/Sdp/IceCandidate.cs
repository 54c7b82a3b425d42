using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace MediaNode.Core.Sdp;

/// <summary>A candidate (RFC 8839 section 5.1), from a=candidate or from a trickle message.</summary>
/// <param name="Address">An IP address, or a name ending in .local, which is not resolved here.</param>
/// <param name="Type">"host", "srflx", "prflx" or "relay".</param>
/// <param name="TcpType">"active", "passive" or "so" for TCP (RFC 6544 section 4.5); null for UDP.</param>
public sealed record IceCandidate(string Foundation, int Component, string Transport, uint Priority, string Address, int Port, string Type, string? TcpType = null)
{
    /// <summary>Foundations of TCP candidates begin here: those of UDP must be others (RFC 8445 section 5.1.1.3).</summary>
    private const int FirstTcpFoundation = 1001;

    private const int MaximumFoundationCharacters = 32;
    private const int MaximumAddressCharacters = 255;

    /// <summary>Null when the address is a name.</summary>
    public IPEndPoint? EndPoint => IPAddress.TryParse(Address, out var address) ? new IPEndPoint(address, Port) : null;

    /// <summary>A host candidate for UDP with the priority formula of RFC 8445 section 5.1.2.1.</summary>
    /// <param name="order">0 for the most preferred address.</param>
    public static IceCandidate Host(IPEndPoint endPoint, int order)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        const uint hostTypePreference = 126;
        var priority = (hostTypePreference << 24) | ((uint)(ushort.MaxValue - order) << 8) | (256 - 1);
        return new IceCandidate((order + 1).ToString(System.Globalization.CultureInfo.InvariantCulture), 1, "udp", priority, endPoint.Address.ToString(), endPoint.Port, "host");
    }

    /// <summary>A host candidate for connections to this side (RFC 6544 section 4.2), less preferred than any over UDP.</summary>
    /// <param name="order">0 for the most preferred address.</param>
    public static IceCandidate PassiveTcp(IPEndPoint endPoint, int order)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        // 90: below the host candidates of UDP (126) and those that a NAT shows (100 to 110), above relays (0).
        const uint typePreference = 90;
        const uint passiveDirection = 4;
        const uint highestOther = (1 << 13) - 1;
        var localPreference = (passiveDirection << 13) | (highestOther - (uint)order);
        var priority = (typePreference << 24) | (localPreference << 8) | (256 - 1);
        var foundation = (FirstTcpFoundation + order).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new IceCandidate(foundation, 1, "tcp", priority, endPoint.Address.ToString(), endPoint.Port, "host", "passive");
    }

    /// <summary>Reads "candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host", with or without a leading "a=".</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out IceCandidate? candidate, [NotNullWhen(false)] out SdpFailure? failure)
    {
        ArgumentNullException.ThrowIfNull(text);
        candidate = null;
        failure = null;
        var line = text.StartsWith("a=", StringComparison.Ordinal) ? text[2..] : text;
        var rule = line.Length > SdpLimits.LineCharacters ? "longer than a line may be"
            : !line.StartsWith("candidate:", StringComparison.Ordinal) ? "\"candidate:\" expected"
            : Read(SdpText.Words(line["candidate:".Length..]), out candidate);
        if (rule is not null)
            failure = new SdpFailure(0, "candidate: " + rule);
        return candidate is not null;
    }

    public override string ToString() =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"candidate:{Foundation} {Component} {Transport} {Priority} {Address} {Port} typ {Type}{(TcpType is null ? "" : " tcptype ")}{TcpType}");

    private static string? Read(string[] words, out IceCandidate? candidate)
    {
        candidate = null;
        if (words.Length < 8 || words[6] != "typ")
            return "foundation, component, transport, priority, address, port and typ expected";
        if (words[0].Length > MaximumFoundationCharacters)
            return "the foundation has more than 32 characters";
        if (!SdpText.TryNumber(words[1], 1, 256, out var component))
            return "the component must be 1 to 256";
        if (!SdpText.TryUnsigned32(words[3], out var priority))
            return "the priority must be below 2^32";
        if (words[4].Length > MaximumAddressCharacters)
            return "the address has more than 255 characters";
        if (!SdpText.TryNumber(words[5], 0, 65535, out var port))
            return "the port must be 0 to 65535";
        if (words[7] is not ("host" or "srflx" or "prflx" or "relay"))
            return "the type must be host, srflx, prflx or relay";
        var tcpType = Extension(words, "tcptype");
        if (tcpType is not (null or "active" or "passive" or "so"))
            return "tcptype must be active, passive or so";
        candidate = new IceCandidate(words[0], (int)component, words[2].ToLowerInvariant(), priority, words[4], (int)port, words[7], tcpType);
        return null;
    }

    /// <summary>What follows the type comes in pairs of name and value.</summary>
    private static string? Extension(string[] words, string name)
    {
        for (var i = 8; i + 1 < words.Length; i += 2)
        {
            if (words[i] == name)
                return words[i + 1];
        }
        return null;
    }
}
