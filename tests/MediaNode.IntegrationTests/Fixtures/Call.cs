using System.Net;
using MediaNode.Control.V1;
using MediaNode.TestPeer.Sockets;

namespace MediaNode.IntegrationTests.Fixtures;

/// <summary>A room on a node in which one publishes and one watches, over real UDP.</summary>
internal sealed class Call : IDisposable
{
    private const string Instance = "test";

    private const uint FirstSource = 100;

    private readonly PeerLoop _loop = new();
    private UdpRtcClient _publisher = null!;

    private Call(RoomReference room) => Room = room;

    public RoomReference Room { get; }

    public ReceivedMedia Received { get; private set; } = null!;

    /// <param name="node">Where.</param>
    /// <param name="roomId">The room.</param>
    /// <param name="beforeMedia">What is to happen when both are connected, and nothing is sent yet.</param>
    public static async Task<Call> StartAsync(MediaControl.MediaControlClient node, string roomId, Func<Call, Task>? beforeMedia = null)
    {
        var call = new Call(new() { RoomId = roomId, Epoch = 1 });
        await node.JoinAsync(call.Join(1));
        var media = await call.PublishAsync(node);
        await node.JoinAsync(call.Join(2));
        await call.SubscribeAsync(node);
        if (beforeMedia is not null)
            await beforeMedia(call);
        await call._loop.RunAsync(_ => call._publisher.Media = media);
        await Eventually.BecomesTrue(async () => (await call.CountsAsync()).Video > 0, expectation: "video arrives");
        return call;
    }

    public JoinRequest Join(ulong participant) => new() { Room = Room, ParticipantId = participant, InstanceId = Instance, Settings = new() };

    public Task<ReceivedCounts> CountsAsync() => _loop.RunAsync(_ => Received.Counts);

    /// <summary>The publisher's network has changed: it negotiates again, with new credentials.</summary>
    public async Task RestartPublisherAsync(MediaControl.MediaControlClient node)
    {
        var (offer, _) = await _loop.RunAsync(_ => SentMedia.Offer(_publisher.Rtc, FirstSource, "publisher", restartsIce: true));
        var reply = await node.PublishAsync(new() { Room = Room, ParticipantId = 1, PeerId = 1, SdpOffer = offer });
        await _loop.RunAsync(now =>
        {
            _publisher.Rtc.AcceptAnswer(reply.SdpAnswer, now);
            return true;
        });
    }

    public void Dispose() => _loop.Dispose();

    private async Task<SentMedia> PublishAsync(MediaControl.MediaControlClient node)
    {
        var client = _publisher = await _loop.AddAsync(IPAddress.Loopback);
        var (offer, accept) = await _loop.RunAsync(_ => SentMedia.Offer(client.Rtc, FirstSource, "publisher"));
        var reply = await node.PublishAsync(new() { Room = Room, ParticipantId = 1, PeerId = 1, SdpOffer = offer });
        var media = await _loop.RunAsync(now => accept(reply.SdpAnswer, now));
        await Eventually.BecomesTrue(() => _loop.RunAsync(_ => client.Rtc.IsConnected), expectation: "the publisher is connected");
        return media;
    }

    private async Task SubscribeAsync(MediaControl.MediaControlClient node)
    {
        var client = await _loop.AddAsync(IPAddress.Loopback);
        var request = new SubscribeRequest { Room = Room, ParticipantId = 2, PeerId = 2, InstanceId = Instance, Streams = { new StreamSelector { PublisherId = 1 } } };
        var offer = default(SubscribeReply);
        await Eventually.BecomesTrue(
            async () =>
            {
                try
                {
                    offer = await node.SubscribeAsync(request);
                }
                catch (Grpc.Core.RpcException notYet) when (notYet.StatusCode == Grpc.Core.StatusCode.NotFound)
                {
                    // The node's side of the handshake ends a moment after the client's.
                }
                return offer is not null;
            },
            expectation: "the publisher can be subscribed to");
        Received = new(client.Rtc);
        var answer = await _loop.RunAsync(now =>
        {
            client.Media = Received;
            return Received.Answer(offer!.SdpOffer, now);
        });
        await node.AnswerAsync(new() { Room = Room, PeerId = 2, SdpAnswer = answer });
    }
}
