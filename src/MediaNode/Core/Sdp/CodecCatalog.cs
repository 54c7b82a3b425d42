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
    /// H.264 profiles by the first half of profile-level-id, with the level that is offered: level-asymmetry-allowed makes the level a lower bound
    /// only, and browsers decode what they get.
    /// </summary>
    private static readonly (string Profile, string ProfileLevelId, byte PayloadType)[] H264Profiles =
    [
        ("42e0", "42e01f", 102), ("4200", "42001f", 104), ("4d00", "4d001f", 106), ("6400", "64001f", 108), ("640c", "640c1f", 112),
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
        return format.IsNamed("H264") && Parameter(format.Parameters, "packetization-mode") == "1" && FindH264(format.Parameters).Profile is not null
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
        Codec.H264 when FindH264(publisherParameters) is { Profile: not null } profile =>
            Video(codec, profile.PayloadType, $"level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={profile.ProfileLevelId}"),
        _ => throw new ArgumentException($"{codec} with \"{publisherParameters}\" cannot be offered", nameof(codec)),
    };

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

    /// <summary>RFC 6184 section 8.1: without profile-level-id it is the baseline profile.</summary>
    private static (string Profile, string ProfileLevelId, byte PayloadType) FindH264(string parameters)
    {
        var id = Parameter(parameters, "profile-level-id") ?? "42000a";
        return Array.Find(H264Profiles, profile => id.Length == 6 && id.StartsWith(profile.Profile, StringComparison.OrdinalIgnoreCase));
    }

    private static NegotiatedCodec Video(Codec codec, byte payloadType, string parameters) =>
        new(codec, new(payloadType), VideoClockRate, 1, parameters, new((byte)(payloadType + 1)), VideoFeedback);
}
