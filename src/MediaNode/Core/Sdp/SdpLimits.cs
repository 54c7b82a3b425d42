namespace MediaNode.Core.Sdp;

/// <summary>Bounds on a description from the network. A browser's offer stays below a tenth of each; what exceeds them is no conference.</summary>
internal static class SdpLimits
{
    public const int TextCharacters = 256 * 1024;
    public const int LineCharacters = 4 * 1024;

    /// <summary>A hundred for each m-line is what a browser needs to offer all that it can encode.</summary>
    public const int Lines = 16 * 1024;

    /// <summary>Microphone and camera of a room of 65 people, for one who receives them over one PeerConnection.</summary>
    public const int MediaLines = 128;

    public const int PayloadTypesPerMedia = 64;
    public const int ExtensionsPerMedia = 32;
    public const int SourcesPerMedia = 64;
    public const int SourceGroupsPerMedia = 32;
    public const int RidsPerMedia = 16;
    public const int CandidatesPerMedia = 64;
    public const int FingerprintsPerMedia = 8;
    public const int FeedbackPerPayloadType = 16;

    /// <summary>Characters of a=mid and a=rid; RFC 8852 puts no limit, RTP's one-byte header extension form holds 16.</summary>
    public const int IdentifierCharacters = 16;

    /// <summary>RFC 8839 section 5.4: both are 256 at most.</summary>
    public const int IceCredentialCharacters = 256;

    public const int MinimumUfragCharacters = 4;
    public const int MinimumPasswordCharacters = 22;
}
