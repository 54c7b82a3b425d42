using System.Diagnostics.CodeAnalysis;
using MediaNode.Core.Dtls;

namespace MediaNode.Core.Sdp;

/// <summary>The offer/answer exchanges of a conference (RFC 3264, RFC 8829): publishers offer to the node, the node offers to subscribers.</summary>
public static class OfferAnswer
{
    /// <summary>Answers a publisher: every m-line that can be used becomes recvonly, the others are rejected.</summary>
    /// <param name="offer">What it sends.</param>
    /// <param name="local">This side's transport.</param>
    /// <param name="role">Of this side in DTLS, where the offer leaves the choice: the one that it has (RFC 8842 section 5.3).</param>
    /// <param name="codecs">Which of those offered is taken.</param>
    public static bool TryAnswerPublisher(
        SessionDescription offer,
        LocalTransport local,
        DtlsRole role,
        CodecPreference codecs,
        [NotNullWhen(true)] out PublisherAnswer? answer,
        [NotNullWhen(false)] out SdpFailure? failure)
    {
        ArgumentNullException.ThrowIfNull(offer);
        ArgumentNullException.ThrowIfNull(local);
        ArgumentNullException.ThrowIfNull(codecs);
        return Answerer.TryAnswer(offer, local, role, codecs, out answer, out failure);
    }

    /// <summary>Offers streams to a subscriber, one sendonly m-line each.</summary>
    /// <param name="streams">1 to 64; the position is the mid.</param>
    /// <param name="sessionId">The same for all offers of a session, below 2^63.</param>
    /// <param name="version">Grows with each offer of a session.</param>
    public static SubscriberOffer CreateSubscriberOffer(LocalTransport local, IReadOnlyList<OfferedStream> streams, ulong sessionId, ulong version) =>
        SubscriberNegotiation.CreateOffer(local, streams, sessionId, version);

    /// <summary>Reads a subscriber's answer against the offer that it answers.</summary>
    public static bool TryAcceptSubscriberAnswer(
        SubscriberOffer offer, SessionDescription answer, [NotNullWhen(true)] out SubscriberAnswer? accepted, [NotNullWhen(false)] out SdpFailure? failure)
    {
        ArgumentNullException.ThrowIfNull(offer);
        ArgumentNullException.ThrowIfNull(answer);
        return AnswerReader.TryRead(offer.Description, offer.Media, answer, out accepted, out failure);
    }

    /// <summary>A publisher's offer, as a browser would make it: for clients written with this library.</summary>
    public static ClientOffer CreateClientOffer(LocalTransport local, ClientMedia media, ulong sessionId) =>
        ClientNegotiation.CreateOffer(local, media, sessionId);

    /// <summary>A publishing client's reading of the answer to <see cref="CreateClientOffer"/>: what it may send, and to whom.</summary>
    public static bool TryAcceptPublisherAnswer(
        ClientOffer offer, SessionDescription answer, [NotNullWhen(true)] out PublisherAnswer? accepted, [NotNullWhen(false)] out SdpFailure? failure)
    {
        ArgumentNullException.ThrowIfNull(offer);
        ArgumentNullException.ThrowIfNull(answer);
        accepted = AnswerReader.TryRead(offer.Description, offer.Media, answer, out var read, out failure)
            ? new PublisherAnswer(answer, read.Remote, read.LocalRole, read.Media)
            : null;
        return accepted is not null;
    }

    /// <summary>Answers a subscriber offer as a browser would: everything offered is received, this side starts DTLS.</summary>
    public static bool TryAnswerAsClient(
        SessionDescription offer, LocalTransport local, [NotNullWhen(true)] out ClientAnswer? answer, [NotNullWhen(false)] out SdpFailure? failure)
    {
        ArgumentNullException.ThrowIfNull(offer);
        ArgumentNullException.ThrowIfNull(local);
        answer = Answerer.TryAnswer(offer, local, DtlsRole.Client, CodecPreference.None, out var made, out failure)
            ? new ClientAnswer(made.Description, made.Remote, made.LocalRole, made.Media)
            : null;
        return answer is not null;
    }
}
