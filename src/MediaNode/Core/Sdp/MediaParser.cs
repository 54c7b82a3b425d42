using MediaNode.Core.Rtp;

namespace MediaNode.Core.Sdp;

/// <summary>Collects one m-line and its attributes. Each Take method returns the rule that is broken, or null.</summary>
internal sealed class MediaParser
{
    private readonly SharedAttributes _shared = new();
    private readonly PayloadParser _payloads = new();
    private readonly SourceParser _sources = new();
    private readonly List<HeaderExtension> _extensions = [];
    private readonly List<RidDescription> _rids = [];
    private readonly List<IceCandidate> _candidates = [];
    private MediaDescription _media = new() { Name = "", Protocol = "" };

    public string? TakeMediaLine(string value)
    {
        var words = SdpText.Words(value);
        if (words.Length < 4)
            return "m=: media, port, protocol and at least one format expected";
        // RFC 8866 section 5.14: the port may carry a count, "49170/2".
        if (!SdpText.TryNumber(SdpText.Split(words[1], '/').First, 0, 65535, out var port))
            return "m=: the port must be 0 to 65535";
        _media = _media with
        {
            Kind = words[0] switch { "audio" => MediaKind.Audio, "video" => MediaKind.Video, "application" => MediaKind.Data, _ => null },
            Name = words[0],
            Port = (int)port,
            Protocol = words[2],
            Formats = [.. words[3..]],
        };
        if (_media.Formats.Length > SdpLimits.PayloadTypesPerMedia)
            return $"m=: more than {SdpLimits.PayloadTypesPerMedia} formats";
        return _media.IsRtp ? _payloads.TakeFormats(words.AsSpan(3)) : null;
    }

    public string? TakeAttribute(string name, string value)
    {
        if (_shared.TryTake(name, value, out var rule))
            return rule;
        return name switch
        {
            "mid" => TakeMid(value),
            "bundle-only" => Set(_media with { IsBundleOnly = true }),
            "rtcp-mux" => Set(_media with { HasRtcpMux = true }),
            "rtcp-rsize" => Set(_media with { HasReducedSizeRtcp = true }),
            "end-of-candidates" => Set(_media with { HasEndOfCandidates = true }),
            "rtpmap" => _media.IsRtp ? _payloads.TakeRtpMap(value) : null,
            "fmtp" => _media.IsRtp ? _payloads.TakeParameters(value) : null,
            "rtcp-fb" => _media.IsRtp ? _payloads.TakeFeedback(value) : null,
            "extmap" => TakeExtension(value),
            "ssrc" => _sources.TakeSource(value),
            "ssrc-group" => _sources.TakeGroup(value),
            "rid" => TakeRid(value),
            "simulcast" => TakeSimulcast(value),
            "candidate" => TakeCandidate(value),
            "sctp-port" => TakeSctpPort(value),
            "max-message-size" => TakeMaximumMessageSize(value),
            "msid" => TakeStreamId(value),
            _ => null,
        };
    }

    public MediaDescription Build(SharedAttributes session) => _media with
    {
        IceUfrag = _shared.IceUfrag ?? session.IceUfrag,
        IcePassword = _shared.IcePassword ?? session.IcePassword,
        IceOptions = [.. _shared.IceOptions ?? session.IceOptions ?? []],
        Fingerprints = [.. _shared.Fingerprints.Count > 0 ? _shared.Fingerprints : session.Fingerprints],
        Setup = _shared.Setup ?? session.Setup,
        Direction = _shared.Direction ?? session.Direction ?? MediaDirection.SendReceive,
        AllowsMixedExtensions = _shared.AllowsMixedExtensions || session.AllowsMixedExtensions,
        Payloads = _payloads.Build(),
        Extensions = [.. _extensions],
        Sources = _sources.BuildSources(),
        SourceGroups = _sources.BuildGroups(),
        Rids = [.. _rids],
        Candidates = [.. _candidates],
    };

    private string? Set(MediaDescription media)
    {
        _media = media;
        return null;
    }

    private string? TakeMid(string value)
    {
        if (_media.Mid.Length > 0)
            return "a=mid: only one per m-line";
        return SdpText.IsIdentifier(value)
            ? Set(_media with { Mid = value })
            : $"a=mid: 1 to {SdpLimits.IdentifierCharacters} letters, digits or token signs expected";
    }

    /// <summary>RFC 8285 section 8: extmap = id ["/" direction] SP URI [SP attributes].</summary>
    private string? TakeExtension(string value)
    {
        if (_extensions.Count == SdpLimits.ExtensionsPerMedia)
            return $"a=extmap: more than {SdpLimits.ExtensionsPerMedia} in one m-line";
        var words = SdpText.Words(value);
        if (words.Length < 2)
            return "a=extmap: id and URI expected";
        var (idText, directionText) = SdpText.Split(words[0], '/');
        if (!SdpText.TryNumber(idText, 1, 255, out var id) || id == 15)
            return "a=extmap: the id must be 1 to 14 or 16 to 255";
        var direction = directionText.Length == 0 ? null : SdpText.Direction(directionText);
        if (directionText.Length > 0 && direction is null)
            return "a=extmap: the direction must be sendrecv, sendonly, recvonly or inactive";
        if (_extensions.Any(extension => extension.Id == id))
            return $"a=extmap: id {id} is already used in this m-line";
        _extensions.Add(new HeaderExtension((byte)id, words[1], direction));
        return null;
    }

    /// <summary>RFC 8851 section 10.</summary>
    private string? TakeRid(string value)
    {
        if (_rids.Count == SdpLimits.RidsPerMedia)
            return $"a=rid: more than {SdpLimits.RidsPerMedia} in one m-line";
        var words = SdpText.Words(value);
        if (words.Length < 2 || words[1] is not ("send" or "recv"))
            return "a=rid: id and send or recv expected";
        if (!SdpText.IsIdentifier(words[0]))
            return $"a=rid: 1 to {SdpLimits.IdentifierCharacters} letters, digits or token signs expected";
        if (_rids.Any(rid => rid.Rid.Value == words[0]))
            return $"a=rid: \"{words[0]}\" is already used in this m-line";
        _rids.Add(new RidDescription(new Rid(words[0]), words[1] == "send", string.Join(' ', words[2..])));
        return null;
    }

    /// <summary>RFC 8853 section 5.1: "send a;b,c recv d".</summary>
    private string? TakeSimulcast(string value)
    {
        var words = SdpText.Words(value);
        if (words.Length is not (2 or 4))
            return "a=simulcast: send or recv with a list of rids expected";
        var simulcast = new SimulcastDescription([], []);
        for (var i = 0; i < words.Length; i += 2)
        {
            var rids = words[i + 1].Split(';', ',').Select(rid => new Rid(rid.TrimStart('~'))).ToArray();
            if (rids.Length > SdpLimits.RidsPerMedia || !rids.All(rid => SdpText.IsIdentifier(rid.Value)))
                return "a=simulcast: a list of rids expected";
            if (words[i] is not ("send" or "recv"))
                return "a=simulcast: send or recv expected";
            simulcast = words[i] == "send" ? simulcast with { Send = [.. rids] } : simulcast with { Receive = [.. rids] };
        }

        return Set(_media with { Simulcast = simulcast });
    }

    private string? TakeCandidate(string value)
    {
        if (_candidates.Count == SdpLimits.CandidatesPerMedia)
            return $"a=candidate: more than {SdpLimits.CandidatesPerMedia} in one m-line";
        if (!IceCandidate.TryParse("candidate:" + value, out var candidate, out var failure))
            return "a=" + failure.Rule;
        _candidates.Add(candidate);
        return null;
    }

    private string? TakeSctpPort(string value) => SdpText.TryNumber(value, 1, 65535, out var port)
        ? Set(_media with { SctpPort = (int)port })
        : "a=sctp-port: 1 to 65535 expected";

    private string? TakeMaximumMessageSize(string value) => SdpText.TryNumber(value, 0, long.MaxValue, out var size)
        ? Set(_media with { MaximumMessageSizeBytes = size })
        : "a=max-message-size: a number of bytes expected";

    private string? TakeStreamId(string value)
    {
        var words = SdpText.Words(value);
        return words.Length == 0 ? "a=msid: stream id missing" : Set(_media with { StreamId = new MediaStreamId(words[0], words.Length > 1 ? words[1] : null) });
    }
}
