using System.Collections.Immutable;
using System.Globalization;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.Sdp;

/// <summary>Makes the offer of a publishing client, as a browser makes it: sendonly, actpass, one bundle, audio before video before data.</summary>
internal static class ClientNegotiation
{
    public static ClientOffer CreateOffer(LocalTransport local, ClientMedia media, ulong sessionId)
    {
        ArgumentNullException.ThrowIfNull(local);
        ArgumentNullException.ThrowIfNull(media);
        var proposed = Propose(media);
        ImmutableArray<MediaDescription> lines = [.. proposed.Select(line => Line(line, media).WithTransport(local, DtlsSetup.ActPass))];
        if (lines.IsEmpty)
            throw new ArgumentException("nothing to offer", nameof(media));
        var description = new SessionDescription
        {
            SessionId = sessionId,
            SessionVersion = 1,
            BundleGroup = [.. lines.Select(line => line.Mid)],
            IsIceLite = local.IsIceLite,
            Media = lines.SetItem(0, lines[0].WithCandidates(local)),
        };
        return new ClientOffer(description, proposed);
    }

    private static ImmutableArray<NegotiatedMedia> Propose(ClientMedia media)
    {
        var proposed = ImmutableArray.CreateBuilder<NegotiatedMedia>();
        if (media.Audio is { } audio)
            proposed.Add(ProposeAudio(proposed.Count, audio, media.PrefersRedundancy));
        if (media.Video is not null || !media.VideoRids.IsEmpty || !media.VideoGroup.IsEmpty)
            proposed.Add(Propose(proposed.Count, MediaKind.Video, Codec.Vp8, VideoSources(media), media.VideoRids));
        if (media.HasData)
        {
            var data = new NegotiatedData(MediaNegotiation.SctpPort, MediaNegotiation.MaximumMessageSizeBytes);
            proposed.Add(new NegotiatedMedia(proposed.Count, MidAt(proposed.Count), MediaKind.Data, null, ImmutableDictionary<string, byte>.Empty, [], [], false, data));
        }

        return proposed.ToImmutable();
    }

    private static ImmutableArray<SourcePair> VideoSources(ClientMedia media) =>
        !media.VideoGroup.IsEmpty ? media.VideoGroup : media.Video is { } video && media.VideoRids.IsEmpty ? [video] : [];

    private static NegotiatedMedia ProposeAudio(int index, SourcePair source, bool prefersRedundancy)
    {
        var audio = Propose(index, MediaKind.Audio, Codec.Opus, [source], []);
        return prefersRedundancy
            ? audio with { Codec = audio.Codec! with { Redundancy = NegotiatedRedundancy.Offered(audio.Codec.PayloadType) with { IsPreferred = true } } }
            : audio;
    }

    private static NegotiatedMedia Propose(int index, MediaKind kind, Codec codec, ImmutableArray<SourcePair> sources, ImmutableArray<Rid> rids) =>
        new(index, MidAt(index), kind, CodecCatalog.Offered(codec, ""), ExtensionCatalog.Received(codec), sources, rids, true, null);

    private static Mid MidAt(int index) => new(index.ToString(CultureInfo.InvariantCulture));

    private static MediaDescription Line(NegotiatedMedia proposed, ClientMedia media)
    {
        if (proposed.Codec is null)
            return MediaNegotiation.DataLine(proposed.Mid.Value);
        var line = MediaNegotiation.RtpLine(proposed.Kind, proposed.Mid.Value, MediaDirection.SendOnly, proposed.Codec, MediaNegotiation.ToExtensions(proposed.Extensions)) with
        {
            AllowsMixedExtensions = true,
            Rids = [.. proposed.Rids.Select(rid => new RidDescription(rid, IsSend: true))],
            Simulcast = proposed.Rids.IsEmpty ? null : new SimulcastDescription(proposed.Rids, []),
        };
        return proposed.Sources.IsEmpty ? line : SourceLines.Add(line, proposed.Sources, media.Cname, media.StreamId, $"{media.StreamId}-{line.Name}");
    }
}
