using System.Collections.Immutable;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.Sdp;

/// <summary>What one m-line of the other side and this side have in common.</summary>
internal static class MediaNegotiation
{
    public const int SctpPort = 5000;

    /// <summary>Bytes of a data channel message taken, and sent at most: what browsers announce.</summary>
    public const long MaximumMessageSizeBytes = 262_144;

    /// <summary>RFC 8841 section 6.1: the limit of a peer that announces none.</summary>
    private const long DefaultMaximumMessageSizeBytes = 65_536;

    /// <summary>Of the payload types that are forwarded, the preferred one with its retransmissions; of those alike the first in the sender's order.</summary>
    public static NegotiatedCodec? ChooseCodec(MediaDescription media, CodecPreference preference)
    {
        var choice = media.Payloads
            .Select(format => (Format: format, Codec: CodecCatalog.Match(media.Kind!.Value, format)))
            .Where(candidate => candidate.Codec != Codec.None)
            .OrderBy(candidate => preference.RankOf(candidate.Codec, candidate.Format.Parameters))
            .FirstOrDefault();
        if (choice is not { Format: { } format, Codec: var codec })
            return null;
        var known = codec == Codec.Opus ? CodecCatalog.AudioFeedback : CodecCatalog.VideoFeedback;
        return new NegotiatedCodec(
            codec, format.PayloadType, format.ClockRate, format.Channels, format.Parameters, FindRetransmission(media, format.PayloadType), [.. format.Feedback.Where(known.Contains).Distinct()])
        {
            Redundancy = codec == Codec.Opus ? NegotiatedRedundancy.Find(media, format) : null,
        };
    }

    /// <summary>RFC 4588 section 8.6: "apt" names the payload type whose packets are repeated.</summary>
    public static PayloadType? FindRetransmission(MediaDescription media, PayloadType payloadType) => media.Payloads
        .FirstOrDefault(format => format.IsNamed("rtx") && SdpText.TryPayloadType(CodecCatalog.Parameter(format.Parameters, "apt"), out var apt) && apt == payloadType)?.PayloadType;

    /// <summary>The offered extensions that are known, with the offered ids. Ids above 14 need the two-byte form in every packet: not taken.</summary>
    public static ImmutableArray<HeaderExtension> ChooseExtensions(MediaDescription media, Codec codec)
    {
        var known = ExtensionCatalog.Received(codec);
        return [.. media.Extensions
            .Where(extension => extension.Id <= HeaderExtensionMap.MaximumId && known.ContainsKey(extension.Uri) && extension.Direction is null or MediaDirection.SendReceive or MediaDirection.SendOnly)
            .DistinctBy(extension => extension.Uri)
            .Select(extension => extension.Direction == MediaDirection.SendOnly ? extension with { Direction = MediaDirection.ReceiveOnly } : extension)];
    }

    /// <summary>
    /// The sender's SSRCs: simulcast layers in the order of the SIM group, or in that of the rids, each with its partner from a FID group. Without either the first: others may carry
    /// error correction (RFC 8627 section 5.2).
    /// </summary>
    public static ImmutableArray<SourcePair> ReadSources(MediaDescription media)
    {
        var pairs = media.SourceGroups.Where(group => group.Semantics == "FID").Select(group => new SourcePair(group.Sources[0], group.Sources[1])).ToList();
        var repairs = media.SourceGroups.Where(group => group.Semantics is "FID" or "FEC-FR").SelectMany(group => group.Sources.Skip(1)).ToHashSet();
        var group = media.SourceGroups.FirstOrDefault(group => group.Semantics == "SIM");
        var layers = group?.Sources ?? [.. media.Sources.Select(source => source.Ssrc).Where(ssrc => !repairs.Contains(ssrc))];
        var isSimulcast = group is not null || media.Simulcast is not null;
        return [.. layers.Distinct().Take(isSimulcast ? layers.Length : 1).Select(ssrc => new SourcePair(ssrc, pairs.Find(pair => pair.Primary == ssrc).Retransmission))];
    }

    /// <summary>The encodings that the other side sends; empty without a=simulcast.</summary>
    public static ImmutableArray<Rid> ReadRids(MediaDescription media) => media.Simulcast is null
        ? []
        : [.. media.Simulcast.Send.Where(rid => media.Rids.Any(described => described.IsSend && described.Rid == rid)).Distinct()];

    /// <summary>Null when the m-line is no data channel transport (RFC 8841 section 5).</summary>
    public static NegotiatedData? ReadData(MediaDescription media) =>
        media.Protocol is "UDP/DTLS/SCTP" or "TCP/DTLS/SCTP" && media.SctpPort is { } port && media.Formats is [MediaLine.DataFormat]
            ? new NegotiatedData(port, PeerLimit(media.MaximumMessageSizeBytes))
            : null;

    public static MediaDescription DataLine(string mid) => new()
    {
        Kind = MediaKind.Data,
        Name = "application",
        Protocol = MediaLine.DataProtocol,
        Formats = [MediaLine.DataFormat],
        Mid = mid,
        SctpPort = SctpPort,
        MaximumMessageSizeBytes = MaximumMessageSizeBytes,
    };

    public static MediaDescription RtpLine(MediaKind kind, string mid, MediaDirection direction, NegotiatedCodec codec, ImmutableArray<HeaderExtension> extensions) => new()
    {
        Kind = kind,
        Name = kind == MediaKind.Audio ? "audio" : "video",
        Protocol = MediaLine.RtpProtocol,
        Formats = [.. Payloads(codec).Select(payload => payload.PayloadType.Value.ToString(System.Globalization.CultureInfo.InvariantCulture))],
        Mid = mid,
        Direction = direction,
        HasRtcpMux = true,
        HasReducedSizeRtcp = true,
        Payloads = [.. Payloads(codec)],
        Extensions = extensions,
    };

    public static ImmutableArray<HeaderExtension> ToExtensions(ImmutableDictionary<string, byte> ids) =>
        [.. ids.OrderBy(pair => pair.Value).Select(pair => new HeaderExtension(pair.Value, pair.Key))];

    /// <summary>In the order that the sender prefers: it sends the first.</summary>
    private static IEnumerable<PayloadFormat> Payloads(NegotiatedCodec codec)
    {
        if (codec.Redundancy is { IsPreferred: true } preferred)
            yield return preferred.Format(codec);
        yield return new PayloadFormat(codec.PayloadType, CodecCatalog.Name(codec.Codec), codec.ClockRate, codec.Channels, codec.Parameters, codec.Feedback);
        if (codec.Redundancy is { IsPreferred: false } redundancy)
            yield return redundancy.Format(codec);
        if (codec.RetransmissionPayloadType is { } rtx)
            yield return new PayloadFormat(rtx, "rtx", codec.ClockRate, 1, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"apt={codec.PayloadType.Value}"), []);
    }

    private static long PeerLimit(long? announced) => announced switch
    {
        null => DefaultMaximumMessageSizeBytes,
        // RFC 8841 section 6.1: zero means any size.
        0 => MaximumMessageSizeBytes,
        { } size => Math.Min(size, MaximumMessageSizeBytes),
    };
}
