using System.Globalization;
using System.Text;

namespace MediaNode.Core.Sdp;

/// <summary>Writes a description in the order of RFC 8866 section 5, with CRLF.</summary>
internal sealed class SdpWriter
{
    private readonly StringBuilder _text = new();

    public static string Write(SessionDescription description)
    {
        var writer = new SdpWriter();
        writer.WriteSession(description);
        foreach (var media in description.Media)
            writer.WriteMedia(media);
        return writer._text.ToString();
    }

    private void WriteSession(SessionDescription description)
    {
        Line($"v=0");
        Line($"o=- {description.SessionId} {description.SessionVersion} IN IP4 127.0.0.1");
        Line($"s=-");
        Line($"t=0 0");
        if (description.BundleGroup.Length > 0)
            Line($"a=group:BUNDLE {string.Join(' ', description.BundleGroup)}");
        // RFC 8285 section 6: at session level when all m-lines agree, as browsers write it.
        Flag("extmap-allow-mixed", AllAllowMixed(description));
        Flag("ice-lite", description.IsIceLite);
    }

    private static bool AllAllowMixed(SessionDescription description) =>
        description.Media.Any(media => media.IsRtp) && description.Media.All(media => media.AllowsMixedExtensions || !media.IsRtp);

    private void WriteMedia(MediaDescription media)
    {
        Line($"m={media.Name} {media.Port} {media.Protocol} {string.Join(' ', media.Formats)}");
        Line($"c=IN IP4 0.0.0.0");
        if (media.Mid.Length > 0)
            Line($"a=mid:{media.Mid}");
        WriteTransport(media);
        if (media.IsRtp)
        {
            Line($"a={SdpText.Word(media.Direction)}");
            WriteRtp(media);
        }

        if (media.SctpPort is { } sctpPort)
            Line($"a=sctp-port:{sctpPort}");
        if (media.MaximumMessageSizeBytes is { } size)
            Line($"a=max-message-size:{size}");
        foreach (var candidate in media.Candidates)
            Line($"a={candidate}");
        Flag("end-of-candidates", media.HasEndOfCandidates);
    }

    private void WriteTransport(MediaDescription media)
    {
        Flag("bundle-only", media.IsBundleOnly);
        if (media.IceUfrag is not null)
            Line($"a=ice-ufrag:{media.IceUfrag}");
        if (media.IcePassword is not null)
            Line($"a=ice-pwd:{media.IcePassword}");
        if (media.IceOptions.Length > 0)
            Line($"a=ice-options:{string.Join(' ', media.IceOptions)}");
        foreach (var fingerprint in media.Fingerprints)
            Line($"a=fingerprint:{fingerprint.Algorithm} {fingerprint.Value}");
        if (media.Setup is { } setup)
            Line($"a=setup:{SdpText.Word(setup)}");
    }

    private void WriteRtp(MediaDescription media)
    {
        Flag("extmap-allow-mixed", media.AllowsMixedExtensions);
        foreach (var extension in media.Extensions)
            Line($"a=extmap:{extension.Id}{(extension.Direction is { } direction ? "/" + SdpText.Word(direction) : "")} {extension.Uri}");
        if (media.StreamId is { } id)
            Line($"a=msid:{id.Stream}{(id.Track is null ? "" : " " + id.Track)}");
        Flag("rtcp-mux", media.HasRtcpMux);
        Flag("rtcp-rsize", media.HasReducedSizeRtcp);
        foreach (var payload in media.Payloads)
            WritePayload(payload);
        WriteSimulcast(media);
        foreach (var group in media.SourceGroups)
            Line($"a=ssrc-group:{group.Semantics} {string.Join(' ', group.Sources)}");
        foreach (var source in media.Sources)
            WriteSource(source);
    }

    private void WritePayload(PayloadFormat payload)
    {
        var type = payload.PayloadType.Value;
        Line($"a=rtpmap:{type} {payload.Name}/{payload.ClockRate}{(payload.Channels > 1 ? "/" + payload.Channels.ToString(CultureInfo.InvariantCulture) : "")}");
        foreach (var feedback in payload.Feedback)
            Line($"a=rtcp-fb:{type} {feedback}");
        if (payload.Parameters.Length > 0)
            Line($"a=fmtp:{type} {payload.Parameters}");
    }

    private void WriteSimulcast(MediaDescription media)
    {
        foreach (var rid in media.Rids)
            Line($"a=rid:{rid.Rid} {(rid.IsSend ? "send" : "recv")}{(rid.Restrictions.Length > 0 ? " " + rid.Restrictions : "")}");
        if (media.Simulcast is not { } simulcast)
            return;
        var send = simulcast.Send.Length > 0 ? " send " + string.Join(';', simulcast.Send) : "";
        var receive = simulcast.Receive.Length > 0 ? " recv " + string.Join(';', simulcast.Receive) : "";
        Line($"a=simulcast:{(send + receive).TrimStart()}");
    }

    private void WriteSource(MediaSource source)
    {
        if (source.Cname is not null)
            Line($"a=ssrc:{source.Ssrc} cname:{source.Cname}");
        if (source.StreamId is not null)
            Line($"a=ssrc:{source.Ssrc} msid:{source.StreamId}");
        if (source.Cname is null && source.StreamId is null)
            Line($"a=ssrc:{source.Ssrc}");
    }

    private void Flag(string name, bool isSet)
    {
        if (isSet)
            Line($"a={name}");
    }

    private void Line(FormattableString line) => _text.Append(line.ToString(CultureInfo.InvariantCulture)).Append("\r\n");
}
