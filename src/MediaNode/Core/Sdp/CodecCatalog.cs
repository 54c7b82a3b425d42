using System.Collections.Immutable;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.Sdp;

/// <summary>
/// The codecs that are forwarded and what each is called in SDP. Offers to subscribers use fixed payload types, because within one BUNDLE group a payload
/// type means one codec configuration (RFC 9143 section 9.1), whichever publishers the streams come from.
/// </summary>
internal static class CodecCatalog
{
    private const int VideoClockRate = 90_000;
    private const int OpusClockRate = 48_000;

    public static readonly ImmutableArray<string> AudioFeedback = ["transport-cc", "nack"];

    public static readonly ImmutableArray<string> VideoFeedback = ["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"];

    /// <summary>
    /// What is offered for each profile of H.264: the id that browsers use for it, at level 3.1. With level-asymmetry-allowed that is no limit on the publisher, and browsers
    /// decode what they get.
    /// </summary>
    private static readonly (H264Profile Profile, string ProfileLevelId, byte PayloadType)[] H264Offers =
    [
        (H264Profile.ConstrainedBaseline, "42e01f", 102),
        (H264Profile.Baseline, "42001f", 104),
        (H264Profile.Main, "4d001f", 106),
        (H264Profile.High, "64001f", 108),
        (H264Profile.ConstrainedHigh, "640c1f", 112),
        (H264Profile.PredictiveHigh444, "f4001f", 114),
    ];

    /// <summary>The codec of a payload type in an offer; <see cref="Codec.None"/> for one that is not forwarded.</summary>
    public static Codec Match(MediaKind kind, PayloadFormat format)
    {
        if (kind == MediaKind.Audio)
            return format.IsNamed("opus") && format is { ClockRate: OpusClockRate, Channels: 2 } ? Codec.Opus : Codec.None;
        if (format.ClockRate != VideoClockRate)
            return Codec.None;
        if (format.IsNamed("VP8"))
            return Codec.Vp8;
        if (format.IsNamed("VP9") && (Parameter(format.Parameters, "profile-id") ?? "0") == "0")
            return Codec.Vp9;
        if (format.IsNamed("AV1") && (Parameter(format.Parameters, "profile") ?? "0") == "0")
            return Codec.Av1;
        return format.IsNamed("H264") && Parameter(format.Parameters, "packetization-mode") == "1" && H264Profiles.TryRead(format.Parameters, out _)
            ? Codec.H264
            : Codec.None;
    }

    public static string Name(Codec codec) => codec switch
    {
        Codec.Opus => "opus",
        Codec.Vp8 => "VP8",
        Codec.Vp9 => "VP9",
        Codec.H264 => "H264",
        Codec.Av1 => "AV1",
        _ => throw new ArgumentOutOfRangeException(nameof(codec), codec, "no codec of SDP"),
    };

    /// <summary>What a subscriber is offered for a codec.</summary>
    /// <param name="publisherParameters">The publisher's a=fmtp, for H.264's profile.</param>
    public static NegotiatedCodec Offered(Codec codec, string publisherParameters) => codec switch
    {
        Codec.Opus => new NegotiatedCodec(codec, new(111), OpusClockRate, 2, "minptime=10;useinbandfec=1", null, AudioFeedback),
        Codec.Vp8 => Video(codec, 96, ""),
        Codec.Vp9 => Video(codec, 98, "profile-id=0"),
        Codec.Av1 => Video(codec, 45, "level-idx=5;profile=0;tier=0"),
        Codec.H264 when H264Profiles.TryRead(publisherParameters, out var profile) => OfferedH264(profile),
        _ => throw new ArgumentException($"{codec} with \"{publisherParameters}\" cannot be offered", nameof(codec)),
    };

    /// <summary>Subscribers are offered the same for both of a publisher's a=fmtp.</summary>
    public static bool IsOfferedAlike(Codec codec, string publisherParameters, string otherParameters) =>
        codec != Codec.H264
        || (H264Profiles.TryRead(publisherParameters, out var profile) && H264Profiles.TryRead(otherParameters, out var other) && profile == other);

    /// <summary>Who answers with these a=fmtp can decode what was offered with those; only H.264 leaves a doubt.</summary>
    public static bool CanDecode(Codec codec, string offered, string answered) =>
        codec != Codec.H264
        || (H264Profiles.TryRead(offered, out var stream) && H264Profiles.TryRead(answered, out var receiver) && receiver.CanDecode(stream));

    /// <summary>A value from an a=fmtp text such as "minptime=10;useinbandfec=1"; null when absent.</summary>
    public static string? Parameter(string parameters, string name)
    {
        foreach (var part in parameters.Split(';', StringSplitOptions.TrimEntries))
        {
            if (part.Length > name.Length && part[name.Length] == '=' && part.StartsWith(name, StringComparison.OrdinalIgnoreCase))
                return part[(name.Length + 1)..];
        }

        return null;
    }

    private static NegotiatedCodec OfferedH264(H264Profile profile)
    {
        var offer = Array.Find(H264Offers, offer => offer.Profile == profile);
        return Video(Codec.H264, offer.PayloadType, $"level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={offer.ProfileLevelId}");
    }

    private static NegotiatedCodec Video(Codec codec, byte payloadType, string parameters) =>
        new(codec, new(payloadType), VideoClockRate, 1, parameters, new((byte)(payloadType + 1)), VideoFeedback);
}
