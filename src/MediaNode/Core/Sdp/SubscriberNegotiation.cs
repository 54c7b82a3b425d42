using System.Collections.Immutable;
using System.Globalization;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.Sdp;

/// <summary>Makes the offer to a subscriber. The position of a stream is its mid, so that re-offers keep the order (RFC 3264 section 8).</summary>
internal static class SubscriberNegotiation
{
    public static SubscriberOffer CreateOffer(LocalTransport local, IReadOnlyList<OfferedStream> streams, ulong sessionId, ulong version)
    {
        ArgumentNullException.ThrowIfNull(local);
        ArgumentNullException.ThrowIfNull(streams);
        ArgumentOutOfRangeException.ThrowIfZero(streams.Count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(streams.Count, SdpLimits.MediaLines);
        var lines = ImmutableArray.CreateBuilder<MediaDescription>(streams.Count);
        var media = ImmutableArray.CreateBuilder<NegotiatedMedia>(streams.Count);
        for (var index = 0; index < streams.Count; index++)
        {
            var offered = Propose(streams[index], index);
            var line = Line(streams[index], offered).WithTransport(local, DtlsSetup.ActPass);
            lines.Add(index == 0 ? line.WithCandidates(local) : line);
            if (streams[index].IsActive)
                media.Add(offered);
        }

        var description = new SessionDescription
        {
            SessionId = sessionId,
            SessionVersion = version,
            BundleGroup = [.. lines.Select(line => line.Mid)],
            IsIceLite = local.IsIceLite,
            Media = lines.MoveToImmutable(),
        };
        return new SubscriberOffer(description, media.ToImmutable());
    }

    private static NegotiatedMedia Propose(OfferedStream stream, int index)
    {
        var mid = new Mid(index.ToString(CultureInfo.InvariantCulture));
        if (stream.Kind == MediaKind.Data)
        {
            var data = new NegotiatedData(MediaNegotiation.SctpPort, MediaNegotiation.MaximumMessageSizeBytes);
            return new NegotiatedMedia(index, mid, MediaKind.Data, null, ImmutableDictionary<string, byte>.Empty, [], [], false, data);
        }

        var codec = CodecCatalog.Offered(stream.Codec, stream.CodecParameters);
        if (stream.RetransmissionSsrc is null)
            codec = codec with { RetransmissionPayloadType = null };
        if (stream.HasRedundancy)
            codec = codec with { Redundancy = NegotiatedRedundancy.Offered(codec.PayloadType) };
        var source = new SourcePair(stream.Ssrc, stream.RetransmissionSsrc);
        return new NegotiatedMedia(index, mid, stream.Kind, codec, ExtensionCatalog.Sent(stream.Codec), [source], [], true, null);
    }

    private static MediaDescription Line(OfferedStream stream, NegotiatedMedia offered)
    {
        if (stream.Kind == MediaKind.Data)
            return MediaNegotiation.DataLine(offered.Mid.Value);
        var direction = stream.IsActive ? MediaDirection.SendOnly : MediaDirection.Inactive;
        var line = MediaNegotiation.RtpLine(stream.Kind, offered.Mid.Value, direction, offered.Codec!, MediaNegotiation.ToExtensions(offered.Extensions)) with
        {
            AllowsMixedExtensions = true,
        };
        return stream.IsActive ? SourceLines.Add(line, offered.Sources, stream.Cname, stream.StreamId, stream.TrackId) : line;
    }
}
