using System.Collections.Immutable;
using MediaNode.Core.Dtls;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.Sdp;

/// <summary>The one codec of an m-line.</summary>
/// <param name="Parameters">The a=fmtp text agreed; empty when there is none.</param>
/// <param name="RetransmissionPayloadType">RTX (RFC 4588); null when not negotiated.</param>
/// <param name="Feedback">The a=rtcp-fb values agreed, such as "nack pli".</param>
public sealed record NegotiatedCodec(Codec Codec, PayloadType PayloadType, int ClockRate, int Channels, string Parameters, PayloadType? RetransmissionPayloadType, ImmutableArray<string> Feedback)
{
    /// <summary>Null when not negotiated, and for video.</summary>
    public NegotiatedRedundancy? Redundancy { get; init; }
}

/// <summary>An SSRC and the SSRC that repeats its packets.</summary>
public readonly record struct SourcePair(Ssrc Primary, Ssrc? Retransmission);

/// <summary>An m-line that both sides use.</summary>
/// <param name="Index">Position of the m-line, from 0.</param>
/// <param name="Codec">Null for data.</param>
/// <param name="Extensions">Header-extension ids by URI.</param>
/// <param name="Sources">What the sender announced, simulcast layers in its order; empty when it announces by MID and RID only.</param>
/// <param name="Rids">Simulcast encodings in the sender's order; empty without simulcast.</param>
/// <param name="AllowsMixedExtensions">a=extmap-allow-mixed: the two-byte form may be used in a packet that needs it.</param>
/// <param name="Data">Set for data, null for RTP.</param>
public sealed record NegotiatedMedia(
    int Index,
    Mid Mid,
    MediaKind Kind,
    NegotiatedCodec? Codec,
    ImmutableDictionary<string, byte> Extensions,
    ImmutableArray<SourcePair> Sources,
    ImmutableArray<Rid> Rids,
    bool AllowsMixedExtensions,
    NegotiatedData? Data);

/// <summary>The SCTP association under data channels (RFC 8841).</summary>
/// <param name="MaximumMessageSizeBytes">The largest message that the peer takes.</param>
public sealed record NegotiatedData(int RemoteSctpPort, long MaximumMessageSizeBytes);

/// <summary>The answer to a publisher, and what was agreed.</summary>
/// <param name="Media">The accepted m-lines only.</param>
public sealed record PublisherAnswer(SessionDescription Description, RemoteTransport Remote, DtlsRole LocalRole, ImmutableArray<NegotiatedMedia> Media);

/// <summary>One m-line of an offer to a subscriber. The position in the list is the mid, for as long as the session lives.</summary>
/// <param name="CodecParameters">The publisher's a=fmtp; only H.264's profile is taken from it.</param>
/// <param name="Cname">The same for all streams of a publisher: receivers synchronise by it.</param>
/// <param name="StreamId">The browser's MediaStream; the same for audio and video of a publisher.</param>
/// <param name="IsActive">False when the stream has gone: the m-line stays, inactive, until the caller puts another stream of its kind there.</param>
public sealed record OfferedStream(
    MediaKind Kind,
    Codec Codec,
    string CodecParameters,
    Ssrc Ssrc,
    Ssrc? RetransmissionSsrc,
    string Cname,
    string StreamId,
    string TrackId,
    bool IsActive = true)
{
    /// <summary>The publisher may send redundant audio (RFC 2198).</summary>
    public bool HasRedundancy { get; init; }

    /// <summary>The m-line of data channels.</summary>
    public static readonly OfferedStream DataChannels = new(MediaKind.Data, Codec.None, "", default, null, "", "", "");
}

/// <summary>An offer to a subscriber, and what it proposes per m-line.</summary>
public sealed record SubscriberOffer(SessionDescription Description, ImmutableArray<NegotiatedMedia> Media);

/// <summary>A subscriber's answer.</summary>
/// <param name="Media">The m-lines that the subscriber takes, as far as it takes them.</param>
public sealed record SubscriberAnswer(RemoteTransport Remote, DtlsRole LocalRole, ImmutableArray<NegotiatedMedia> Media);
