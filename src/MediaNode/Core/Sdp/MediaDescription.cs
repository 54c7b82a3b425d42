using System.Collections.Immutable;
using MediaNode.Core.Dtls;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.Sdp;

/// <summary>One m-line with its attributes.</summary>
public sealed record MediaDescription
{
    /// <summary>The media of the m-line; null for one that is not audio, video or application, which can only be rejected.</summary>
    public MediaKind? Kind { get; init; }

    /// <summary>The media word as written, such as "audio".</summary>
    public required string Name { get; init; }

    /// <summary>0 means rejected, or offered only as part of a bundle when <see cref="IsBundleOnly"/>.</summary>
    public int Port { get; init; } = MediaLine.DiscardPort;

    public required string Protocol { get; init; }

    /// <summary>The format words of the m-line: payload types, or "webrtc-datachannel".</summary>
    public ImmutableArray<string> Formats { get; init; } = [];

    /// <summary>Empty when there is no a=mid.</summary>
    public string Mid { get; init; } = "";

    public MediaDirection Direction { get; init; } = MediaDirection.SendReceive;

    public bool IsBundleOnly { get; init; }

    public string? IceUfrag { get; init; }

    public string? IcePassword { get; init; }

    public ImmutableArray<string> IceOptions { get; init; } = [];

    /// <summary>Every a=fingerprint, those with an unsupported hash function too.</summary>
    public ImmutableArray<DtlsFingerprint> Fingerprints { get; init; } = [];

    public DtlsSetup? Setup { get; init; }

    public bool HasRtcpMux { get; init; }

    public bool HasReducedSizeRtcp { get; init; }

    public bool AllowsMixedExtensions { get; init; }

    /// <summary>The formats of an RTP m-line in its order of preference.</summary>
    public ImmutableArray<PayloadFormat> Payloads { get; init; } = [];

    public ImmutableArray<HeaderExtension> Extensions { get; init; } = [];

    public ImmutableArray<MediaSource> Sources { get; init; } = [];

    public ImmutableArray<MediaSourceGroup> SourceGroups { get; init; } = [];

    public ImmutableArray<RidDescription> Rids { get; init; } = [];

    public SimulcastDescription? Simulcast { get; init; }

    public ImmutableArray<IceCandidate> Candidates { get; init; } = [];

    public bool HasEndOfCandidates { get; init; }

    public int? SctpPort { get; init; }

    /// <summary>Bytes of the largest data channel message the sender of this description takes (RFC 8841); 0 is any size.</summary>
    public long? MaximumMessageSizeBytes { get; init; }

    public MediaStreamId? StreamId { get; init; }

    /// <summary>Port 0 without bundle-only: this m-line is not used.</summary>
    public bool IsRejected => Port == 0 && !IsBundleOnly;

    public bool IsRtp => Kind is MediaKind.Audio or MediaKind.Video;
}

/// <summary>Fixed words of an m-line.</summary>
internal static class MediaLine
{
    /// <summary>The port of an m-line whose addresses are candidates (RFC 8829 section 5.2.1).</summary>
    public const int DiscardPort = 9;

    public const string RtpProtocol = "UDP/TLS/RTP/SAVPF";
    public const string DataProtocol = "UDP/DTLS/SCTP";
    public const string DataFormat = "webrtc-datachannel";
}
