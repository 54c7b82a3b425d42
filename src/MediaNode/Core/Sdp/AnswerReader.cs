using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace MediaNode.Core.Sdp;

/// <summary>Reads an answer against the offer that it answers: which m-lines are taken, and with what.</summary>
internal static class AnswerReader
{
    public static bool TryRead(
        SessionDescription offer,
        ImmutableArray<NegotiatedMedia> proposed,
        SessionDescription answer,
        [NotNullWhen(true)] out SubscriberAnswer? accepted,
        [NotNullWhen(false)] out SdpFailure? failure)
    {
        accepted = null;
        failure = CheckLines(offer, answer);
        if (failure is not null)
            return false;
        var leading = answer.Media.FirstOrDefault(media => !media.IsRejected);
        if (leading is null)
        {
            failure = new SdpFailure(0, "answer rejects every m-line");
            return false;
        }

        if (!TransportNegotiation.TryRead(answer, leading, "answer", out var remote, out failure))
            return false;
        if (TransportNegotiation.RoleOfOfferer(leading.Setup) is not { } role)
        {
            failure = new SdpFailure(0, "a=setup: an answer must be active or passive");
            return false;
        }

        accepted = new SubscriberAnswer(remote, role, [.. proposed.Select(media => Narrow(media, answer.Media[media.Index])).OfType<NegotiatedMedia>()]);
        return true;
    }

    private static SdpFailure? CheckLines(SessionDescription offer, SessionDescription answer)
    {
        if (answer.Media.Length != offer.Media.Length)
            return new SdpFailure(0, $"answer has {answer.Media.Length} m-lines, the offer {offer.Media.Length}");
        for (var i = 0; i < offer.Media.Length; i++)
        {
            var (offered, answered) = (offer.Media[i], answer.Media[i]);
            if (answered.Name != offered.Name)
                return new SdpFailure(0, $"m-line {i + 1} of the answer is {answered.Name}, the offer has {offered.Name}");
            if (answered.IsRejected)
                continue;
            if (answered.Mid != offered.Mid)
                return new SdpFailure(0, $"m-line {i + 1} of the answer has mid \"{answered.Mid}\", the offer \"{offered.Mid}\"");
            if (offer.Media.Length > 1 && !answer.BundleGroup.Contains(answered.Mid))
                return new SdpFailure(0, $"answer does not have mid \"{answered.Mid}\" in a=group:BUNDLE");
            if (answered.IsRtp && !answered.HasRtcpMux)
                return new SdpFailure(0, $"m={answered.Name} with mid \"{answered.Mid}\" has no a=rtcp-mux: RTP and RTCP must share the port");
        }

        return null;
    }

    /// <summary>What is left of a proposal; null when the m-line is rejected, not received, or lacks the codec.</summary>
    private static NegotiatedMedia? Narrow(NegotiatedMedia proposed, MediaDescription answered)
    {
        if (answered.IsRejected)
            return null;
        if (proposed.Codec is not { } codec)
            return MediaNegotiation.ReadData(answered) is { } data ? proposed with { Data = data } : null;
        var format = answered.Payloads.FirstOrDefault(payload => payload.PayloadType == codec.PayloadType);
        if (format is null || CodecCatalog.Match(proposed.Kind, format) != codec.Codec || !CodecCatalog.CanDecode(codec.Codec, codec.Parameters, format.Parameters)
            || answered.Direction is MediaDirection.Inactive or MediaDirection.SendOnly)
            return null;
        return proposed with
        {
            Codec = codec with
            {
                Parameters = format.Parameters,
                RetransmissionPayloadType = codec.RetransmissionPayloadType is null ? null : MediaNegotiation.FindRetransmission(answered, codec.PayloadType),
                Redundancy = NegotiatedRedundancy.Find(answered, format) is { } redundancy && redundancy.PayloadType == codec.Redundancy?.PayloadType ? redundancy : null,
                Feedback = [.. codec.Feedback.Where(format.Feedback.Contains)],
            },
            Extensions = proposed.Extensions.RemoveRange(
                proposed.Extensions.Where(pair => !answered.Extensions.Any(extension => extension.Id == pair.Value && extension.Uri == pair.Key)).Select(pair => pair.Key)),
            Rids = answered.Simulcast is { } simulcast ? [.. proposed.Rids.Where(simulcast.Receive.Contains)] : [],
            AllowsMixedExtensions = proposed.AllowsMixedExtensions && answered.AllowsMixedExtensions,
        };
    }
}
