using System.Net;
using MediaNode.Core.Dtls;
using MediaNode.Core.Rtp;
using MediaNode.Core.Sdp;

namespace MediaNode.Core.Fuzz;

/// <summary>Puts a description of unknown worth through every exchange of offer and answer.</summary>
internal static class Negotiations
{
    private static readonly LocalTransport Node = new(
        "node", "nodepasswordnodepassword", string.Join(':', Enumerable.Repeat("AB", 32)), [new IPEndPoint(IPAddress.Loopback, 5004)], IsIceLite: true);

    private static readonly SubscriberOffer Offer = OfferAnswer.CreateSubscriberOffer(
        Node,
        [
            new OfferedStream(MediaKind.Audio, Codec.Opus, "", new Ssrc(11), null, "alice", "42", "42-a"),
            new OfferedStream(MediaKind.Video, Codec.Vp8, "", new Ssrc(12), new Ssrc(13), "alice", "42", "42-v"),
            OfferedStream.DataChannels,
        ],
        1,
        1);

    public static void Run(SessionDescription description)
    {
        if (OfferAnswer.TryAnswerPublisher(description, Node, DtlsRole.Server, CodecPreference.None, out var answer, out _))
            Assert.True(SessionDescription.TryParse(answer.Description.ToString(), out _, out var failure), failure?.ToString());
        OfferAnswer.TryAnswerAsClient(description, Node, out _, out _);
        OfferAnswer.TryAcceptSubscriberAnswer(Offer, description, out _, out _);
    }
}
