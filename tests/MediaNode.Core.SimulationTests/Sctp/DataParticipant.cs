using MediaNode.Core.Forwarding;
using MediaNode.Core.Sdp;
using MediaNode.Core.SimulationTests.Network;

namespace MediaNode.Core.SimulationTests.Sctp;

/// <summary>A PeerConnection with data channels in a conference, publishing or subscribing.</summary>
internal sealed class DataParticipant
{
    private readonly Conference _conference;

    private DataParticipant(Conference conference, RtcClient client, ulong peerId)
    {
        _conference = conference;
        Client = client;
        PeerId = peerId;
    }

    public RtcClient Client { get; private set; }

    public ulong PeerId { get; }

    public List<ReceivedData> Received { get; } = [];

    public IEnumerable<string> Texts => Received.Where(received => received.IsText).Select(received => System.Text.Encoding.UTF8.GetString(received.Payload));

    /// <summary>As the SDK's joinAsListener: an offer with only m=application; or with audio too.</summary>
    public static DataParticipant Publish(Conference conference, ulong user, bool withAudio = false)
    {
        conference.Join(user);
        var (client, peerId) = (conference.CreateClient(out _), conference.NextPeerId());
        var audio = withAudio ? new SourcePair(new((uint)user * 10 + 1), null) : (SourcePair?)null;
        var offer = client.CreateOffer(new(audio, null, [], HasData: true, $"cname-{user}", $"stream-{user}"));
        var published = Conference.Value(conference.Engine.Publish(Conference.RoomId, Conference.Epoch, user, peerId, offer, 0, conference.Now));
        Assert.Contains("a=sctp-port:5000", published.SdpAnswer, StringComparison.Ordinal);
        Assert.Contains("a=max-message-size:262144", published.SdpAnswer, StringComparison.Ordinal);
        client.AcceptAnswer(published.SdpAnswer, conference.Now);
        var participant = new DataParticipant(conference, client, peerId);
        participant.RunUntilUp();
        conference.RunUntil(
            () => conference.Happenings<PublisherReady>().Any(ready => ready.Publisher.Id == user), TimeSpan.FromSeconds(20), $"publisher {user} is announced");
        return participant;
    }

    /// <summary>A PeerConnection for the streams of others.</summary>
    public static DataParticipant Subscribe(Conference conference, ulong user, bool wait, params ulong[] publishers)
    {
        conference.Join(user);
        var (client, peerId) = (conference.CreateClient(out _), conference.NextPeerId());
        var wishes = publishers.Select(publisher => new StreamWish(publisher, null)).ToList();
        var subscribed = Conference.Value(conference.Engine.Subscribe(Conference.RoomId, Conference.Epoch, user, peerId, wishes, "", conference.Now));
        Assert.Single(subscribed.SdpOffer!.Split('\n'), line => line.StartsWith("m=application", StringComparison.Ordinal));
        var answer = client.AnswerOffer(subscribed.SdpOffer, conference.Now);
        Conference.Value(conference.Engine.Answer(Conference.RoomId, Conference.Epoch, peerId, answer, conference.Now));
        var participant = new DataParticipant(conference, client, peerId);
        if (wait)
            participant.RunUntilUp();
        return participant;
    }

    /// <summary>The page makes its publishing PeerConnection anew, and offers on the same handle.</summary>
    public void RecreateConnection(ulong user)
    {
        Client = _conference.CreateClientWithOtherCertificate(out _);
        var offer = Client.CreateOffer(new(null, null, [], HasData: true, $"cname-{user}", $"stream-{user}"));
        Client.AcceptAnswer(Conference.Value(_conference.Engine.Publish(Conference.RoomId, Conference.Epoch, user, PeerId, offer, 0, _conference.Now)).SdpAnswer, _conference.Now);
        RunUntilUp();
    }

    /// <summary>The page makes its subscribing PeerConnection anew, and answers on the same handle.</summary>
    public void AnswerAnew()
    {
        var offer = Conference.Value(_conference.Engine.UpdateSubscription(Conference.RoomId, Conference.Epoch, PeerId, [], [], restartsIce: true, _conference.Now)).SdpOffer!;
        Client = _conference.CreateClientWithOtherCertificate(out _);
        var answer = Client.AnswerOffer(offer, _conference.Now);
        Conference.Value(_conference.Engine.Answer(Conference.RoomId, Conference.Epoch, PeerId, answer, _conference.Now));
    }

    public void Send(string label, string text) =>
        Assert.True(Client.SendMessage(new(label), isText: true, System.Text.Encoding.UTF8.GetBytes(text), _conference.Now));

    public void Receive()
    {
        while (Client.TryTakeMessage(out var message))
            Received.Add(message);
    }

    private void RunUntilUp() => _conference.RunUntil(() => Client.HasDataChannels, TimeSpan.FromSeconds(30), "the data channels are up");
}
