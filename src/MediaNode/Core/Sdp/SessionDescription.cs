using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace MediaNode.Core.Sdp;

/// <summary>
/// A session description of WebRTC (RFC 8866, RFC 8829), immutable. Attributes that may stand at session level for all media (ICE credentials,
/// fingerprints, setup, direction, extmap-allow-mixed) are found in each <see cref="MediaDescription"/>, wherever the text had them.
/// </summary>
public sealed record SessionDescription
{
    /// <summary>The o= line's session id; a description that updates another repeats it.</summary>
    public ulong SessionId { get; init; }

    /// <summary>The o= line's version; grows with each new description of the session.</summary>
    public ulong SessionVersion { get; init; }

    /// <summary>The mids of a=group:BUNDLE (RFC 9143); empty when there is none.</summary>
    public ImmutableArray<string> BundleGroup { get; init; } = [];

    public bool IsIceLite { get; init; }

    public ImmutableArray<MediaDescription> Media { get; init; } = [];

    /// <summary>Reads a description. Unknown attributes are ignored (RFC 8866 section 5.13); broken known ones are failures.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out SessionDescription? description, [NotNullWhen(false)] out SdpFailure? failure)
    {
        ArgumentNullException.ThrowIfNull(text);
        return SdpParser.TryParse(text, out description, out failure);
    }

    /// <summary>The text with CRLF line ends.</summary>
    public override string ToString() => SdpWriter.Write(this);
}
