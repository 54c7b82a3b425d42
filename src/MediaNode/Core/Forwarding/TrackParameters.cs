using System.Collections.Immutable;
using MediaNode.Core.Rtp;
using MediaNode.Core.Sdp;

namespace MediaNode.Core.Forwarding;

/// <summary>What was agreed with the publisher about one track. Immutable: each offer puts another one in its place.</summary>
internal sealed record TrackParameters
{
    public required MediaKind Kind { get; init; }

    public required Codec Codec { get; init; }

    /// <summary>In Hz.</summary>
    public required int ClockRate { get; init; }

    public required PayloadType PayloadType { get; init; }

    public PayloadType? RtxPayloadType { get; init; }

    /// <summary>Redundant audio (RFC 2198), which may come in place of the codec with any packet; null when not negotiated.</summary>
    public PayloadType? RedundancyPayloadType { get; init; }

    public bool NackNegotiated { get; init; }

    /// <summary>Key frames are asked for by FIR (RFC 5104), since the publisher did not agree to PLI.</summary>
    public bool IsAskedByFullIntraRequest { get; init; }

    /// <summary>fmtp of the codec, for the subscribers' offers.</summary>
    public string FormatParameters { get; init; } = "";

    /// <summary>Extension ids of the publisher's side by URI.</summary>
    public required ImmutableDictionary<string, byte> Extensions
    {
        get;
        init
        {
            field = value;
            AudioLevelId = value.GetValueOrDefault(HeaderExtensionUri.AudioLevel);
            DependencyDescriptorId = value.GetValueOrDefault(HeaderExtensionUri.DependencyDescriptor);
        }
    }

    /// <summary>Id of the audio level extension; 0 when it is not sent.</summary>
    public byte AudioLevelId { get; private init; }

    /// <summary>Id of the dependency descriptor; 0 when it is not sent.</summary>
    public byte DependencyDescriptorId { get; private init; }

    /// <summary>Names of the encodings, in the order negotiated; none without simulcast by rid.</summary>
    public ImmutableArray<Rid> Rids { get; init; } = [];

    /// <summary>Encodings, named or not: at least one.</summary>
    public int Encodings { get; init; } = 1;

    public static TrackParameters From(NegotiatedMedia media)
    {
        var codec = media.Codec!;
        return new()
        {
            Kind = media.Kind,
            Codec = codec.Codec,
            ClockRate = codec.ClockRate,
            PayloadType = codec.PayloadType,
            RtxPayloadType = codec.RetransmissionPayloadType,
            RedundancyPayloadType = codec.Redundancy?.PayloadType,
            NackNegotiated = codec.Feedback.Contains("nack"),
            IsAskedByFullIntraRequest = codec.Feedback.Contains("ccm fir") && !codec.Feedback.Contains("nack pli"),
            FormatParameters = codec.Parameters,
            Extensions = media.Extensions,
            Rids = media.Rids,
            Encodings = Math.Clamp(Math.Max(media.Rids.Length, media.Sources.Length), 1, PublishedTrack.MaximumEncodings),
        };
    }

    /// <summary>
    /// What was offered before goes on under these parameters: receivers need to be told nothing. Otherwise it is another stream in the place of the former, for everybody who gets it.
    /// </summary>
    public bool Continues(TrackParameters former) =>
        Kind == former.Kind
        && Codec == former.Codec
        && ClockRate == former.ClockRate
        && CodecCatalog.IsOfferedAlike(Codec, FormatParameters, former.FormatParameters)
        && Encodings == former.Encodings
        && Rids.SequenceEqual(former.Rids)
        && DependencyDescriptorId == 0 == (former.DependencyDescriptorId == 0);

    /// <summary>Packets that came under the former parameters read the same under these.</summary>
    public bool ReadsLike(TrackParameters former) =>
        PayloadType == former.PayloadType
        && RedundancyPayloadType == former.RedundancyPayloadType
        && Extensions.Count == former.Extensions.Count
        && Extensions.All(pair => former.Extensions.TryGetValue(pair.Key, out var id) && id == pair.Value);

    public bool IsRedundant(PayloadType payloadType) => payloadType == RedundancyPayloadType;

    /// <summary>The track's media, plain or redundant: no retransmission.</summary>
    public bool IsMedia(PayloadType payloadType) => payloadType == PayloadType || IsRedundant(payloadType);
}
