using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using MediaNode.Core.Dtls;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.Sdp;

/// <summary>Answers an offer of somebody who sends: takes what it can receive, rejects the rest (RFC 8829 section 5.3).</summary>
internal sealed class Answerer
{
    private readonly SessionDescription _offer;
    private readonly LocalTransport _local;
    private readonly DtlsRole _role;
    private readonly CodecPreference _codecs;
    private readonly List<NegotiatedMedia> _accepted = [];
    private bool _hasLeading;

    private Answerer(SessionDescription offer, LocalTransport local, DtlsRole role, CodecPreference codecs)
    {
        _offer = offer;
        _local = local;
        _role = role;
        _codecs = codecs;
    }

    public static bool TryAnswer(
        SessionDescription offer,
        LocalTransport local,
        DtlsRole preferredRole,
        CodecPreference codecs,
        [NotNullWhen(true)] out PublisherAnswer? answer,
        [NotNullWhen(false)] out SdpFailure? failure)
    {
        answer = null;
        failure = CheckBundle(offer) ?? BundleConflict.Find(offer);
        if (failure is not null)
            return false;
        var leading = offer.Media.First(media => IsUsed(offer, media));
        if (!TransportNegotiation.TryRead(offer, leading, "offer", out var remote, out failure))
            return false;
        if (TransportNegotiation.RoleOfAnswerer(leading.Setup, preferredRole) is not { } role)
        {
            failure = new SdpFailure(0, "a=setup: an offer must be actpass, active or passive");
            return false;
        }

        var answerer = new Answerer(offer, local, role, codecs);
        ImmutableArray<MediaDescription> lines = [.. offer.Media.Select(answerer.AnswerLine)];
        if (!answerer._hasLeading)
        {
            failure = new SdpFailure(0, "offer has no m-line with a supported codec (opus, VP8, VP9 profile 0, H264 packetization-mode 1, AV1) or data channels");
            return false;
        }

        answer = new PublisherAnswer(answerer.Describe(lines), remote, role, [.. answerer._accepted]);
        return true;
    }

    private static SdpFailure? CheckBundle(SessionDescription offer)
    {
        var used = offer.Media.Where(media => IsUsed(offer, media)).ToArray();
        if (used.Length == 0)
            return new SdpFailure(0, "offer has no m-line that is in use");
        if (offer.BundleGroup.IsEmpty && used.Length > 1)
            return new SdpFailure(0, "offer has more than one m-line, but no a=group:BUNDLE");
        var withoutMux = Array.Find(used, media => media.IsRtp && !media.HasRtcpMux);
        return withoutMux is null ? null : new SdpFailure(0, $"m={withoutMux.Name} with mid \"{withoutMux.Mid}\" has no a=rtcp-mux: RTP and RTCP must share the port");
    }

    /// <summary>There is one transport, so an m-line outside of the bundle cannot be used.</summary>
    private static bool IsUsed(SessionDescription offer, MediaDescription media) =>
        !media.IsRejected && media.Kind is not null && (offer.BundleGroup.IsEmpty || offer.BundleGroup.Contains(media.Mid));

    private MediaDescription AnswerLine(MediaDescription offered, int index)
    {
        var line = !IsUsed(_offer, offered) ? null
            : offered.IsRtp ? AnswerRtp(offered, index)
            : AnswerData(offered, index);
        if (line is null)
            return Reject(offered);
        line = line.WithTransport(_local, _role == DtlsRole.Client ? DtlsSetup.Active : DtlsSetup.Passive);
        if (_hasLeading)
            return line;
        _hasLeading = true;
        return line.WithCandidates(_local);
    }

    private MediaDescription? AnswerRtp(MediaDescription offered, int index)
    {
        if (!offered.Protocol.EndsWith("RTP/SAVPF", StringComparison.Ordinal) || MediaNegotiation.ChooseCodec(offered, _codecs) is not { } codec)
            return null;
        var extensions = MediaNegotiation.ChooseExtensions(offered, codec.Codec);
        var isSent = offered.Direction is MediaDirection.SendOnly or MediaDirection.SendReceive;
        var rids = isSent ? MediaNegotiation.ReadRids(offered) : [];
        if (isSent)
        {
            _accepted.Add(new NegotiatedMedia(
                index,
                new Mid(offered.Mid),
                offered.Kind!.Value,
                codec,
                extensions.ToImmutableDictionary(extension => extension.Uri, extension => extension.Id),
                MediaNegotiation.ReadSources(offered),
                rids,
                offered.AllowsMixedExtensions,
                null));
        }

        return MediaNegotiation.RtpLine(offered.Kind!.Value, offered.Mid, isSent ? MediaDirection.ReceiveOnly : MediaDirection.Inactive, codec, extensions) with
        {
            Protocol = offered.Protocol,
            HasReducedSizeRtcp = offered.HasReducedSizeRtcp,
            AllowsMixedExtensions = offered.AllowsMixedExtensions,
            Rids = [.. rids.Select(rid => new RidDescription(rid, IsSend: false))],
            Simulcast = rids.IsEmpty ? null : new SimulcastDescription([], rids),
        };
    }

    private MediaDescription? AnswerData(MediaDescription offered, int index)
    {
        if (MediaNegotiation.ReadData(offered) is not { } data)
            return null;
        _accepted.Add(new NegotiatedMedia(index, new Mid(offered.Mid), MediaKind.Data, null, ImmutableDictionary<string, byte>.Empty, [], [], false, data));
        return MediaNegotiation.DataLine(offered.Mid) with { Protocol = offered.Protocol };
    }

    /// <summary>RFC 3264 section 6: the m-line stays, with port 0.</summary>
    private static MediaDescription Reject(MediaDescription offered) => new()
    {
        Kind = offered.Kind,
        Name = offered.Name,
        Port = 0,
        Protocol = offered.Protocol,
        Formats = offered.Formats,
        Mid = offered.Mid,
        Direction = MediaDirection.Inactive,
    };

    /// <summary>The answer repeats the offer's session id and version: a pair of answers then grows as the pair of offers does, without any state here.</summary>
    private SessionDescription Describe(ImmutableArray<MediaDescription> lines) => new()
    {
        SessionId = _offer.SessionId,
        SessionVersion = _offer.SessionVersion,
        BundleGroup = _offer.BundleGroup.IsEmpty ? [] : [.. lines.Where(line => !line.IsRejected).Select(line => line.Mid)],
        IsIceLite = _local.IsIceLite,
        Media = lines,
    };
}
