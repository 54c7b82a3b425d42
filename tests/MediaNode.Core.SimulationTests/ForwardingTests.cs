using MediaNode.Core.Forwarding;
using MediaNode.Core.SimulationTests.Network;

namespace MediaNode.Core.SimulationTests;

public sealed class ForwardingTests
{
    internal static readonly TimeSpan FrameInterval = TimeSpan.FromMilliseconds(33);

    [Fact]
    public void Twelve_participants_receive_each_other_over_132_subscriptions()
    {
        using var conference = new Conference(seed: 1);
        var publishers = Enumerable.Range(1, 12).Select(user => Publish(conference, (ulong)user)).ToList();
        conference.RunUntil(() => publishers.TrueForAll(publisher => publisher.Client.IsConnected), TimeSpan.FromSeconds(5), "all publishers connect");
        var subscribers = publishers
            .SelectMany(subscriber => publishers.Where(publisher => publisher != subscriber)
                .Select(publisher => (Publisher: publisher, Subscriber: new SimulatedSubscriber(conference, subscriber.User, publisher.User))))
            .ToList();
        Assert.Equal(132, subscribers.Count);
        conference.RunUntil(() => subscribers.TrueForAll(pair => pair.Subscriber.Client.IsConnected), TimeSpan.FromSeconds(5), "all subscribers connect");

        for (var frame = 0; frame < 20; frame++)
        {
            publishers.ForEach(publisher => publisher.SendFrame());
            conference.Run(FrameInterval);
            subscribers.ForEach(pair => pair.Subscriber.Receive());
        }

        Assert.All(subscribers, pair =>
        {
            Assert.Equal(pair.Publisher.Audio.PacketsSent, pair.Subscriber.Audio.Numbers.Count);
            Assert.Equal(pair.Publisher.Video.PacketsSent, pair.Subscriber.Video.Numbers.Count);
            Assert.Equal(0, pair.Subscriber.Client.BadPackets);
        });
    }

    [Fact]
    public void Sequence_numbers_wrap_without_a_gap()
    {
        using var conference = new Conference(seed: 2);
        var publisher = Connect(conference, 1, firstSequence: 65_500);
        var subscriber = Watch(conference, 2, publisher);

        for (var frame = 0; frame < 100; frame++)
            SendAndReceive(conference, publisher, subscriber);

        Assert.Equal(publisher.Video.PacketsSent, subscriber.Video.Numbers.Count);
        Assert.Equal(subscriber.Video.Span, subscriber.Video.Numbers.Count);
        Assert.Equal(0, subscriber.Client.BadPackets);
    }

    [Fact]
    public void Subscriber_who_comes_late_starts_with_a_key_frame_within_a_tenth_of_a_second()
    {
        using var conference = new Conference(seed: 3);
        var publisher = Connect(conference, 1);
        for (var frame = 0; frame < 30; frame++)
        {
            publisher.SendFrame();
            conference.Run(FrameInterval);
        }
        Assert.Equal(1, publisher.Video.KeyFrames);

        conference.Join(2);
        var subscriber = new SimulatedSubscriber(conference, 2, publisher.User);
        conference.RunUntil(() => subscriber.Client.IsConnected, TimeSpan.FromSeconds(2), "the subscriber connects");
        for (var frame = 0; frame < 3; frame++)
            SendAndReceive(conference, publisher, subscriber);

        Assert.Equal(2, publisher.Video.KeyFrames);
        Assert.NotEmpty(subscriber.Video.Numbers);
        Assert.Equal(subscriber.Video.Span, subscriber.Video.Numbers.Count);
    }

    [Fact]
    public void Requests_of_many_subscribers_make_one_key_frame_a_second_at_most()
    {
        using var conference = new Conference(seed: 4);
        var publisher = Connect(conference, 1);
        var subscribers = Enumerable.Range(2, 50).Select(user => Watch(conference, (ulong)user, publisher)).ToList();
        subscribers.ForEach(_ => SendAndReceive(conference, publisher, subscribers[0]));
        var before = publisher.Video.KeyFrames;
        var requestsBefore = conference.Engine.Counters.KeyFrameRequests;

        var storm = new byte[12];
        for (var frame = 0; frame < 90; frame++)
        {
            foreach (var subscriber in subscribers)
            {
                var writer = new Rtcp.RtcpWriter(storm);
                writer.WritePictureLoss(new(new(7), subscriber.Video.Ssrc));
                subscriber.Client.SendControl(storm.AsSpan(0, writer.Length));
            }
            SendAndReceive(conference, publisher, subscribers[0]);
        }

        // 90 frames are 3 seconds; a request may be due at both ends.
        Assert.InRange(publisher.Video.KeyFrames - before, 2, 4);
        Assert.InRange(conference.Engine.Counters.KeyFrameRequests - requestsBefore, 2, 4);
        Assert.True(conference.Engine.Drops[DropReason.KeyFrameRequestThrottled] > 1000);
    }

    [Fact]
    public void Paused_stream_sends_nothing_and_resumes_with_a_key_frame()
    {
        using var conference = new Conference(seed: 5);
        var publisher = Connect(conference, 1);
        var subscriber = Watch(conference, 2, publisher);
        SendAndReceive(conference, publisher, subscriber);

        Configure(conference, subscriber, send: false);
        var audioBefore = subscriber.Audio.Numbers.Count;
        SendAndReceive(conference, publisher, subscriber);
        Assert.Equal(audioBefore, subscriber.Audio.Numbers.Count);

        var keyFrames = publisher.Video.KeyFrames;
        Configure(conference, subscriber, send: true);
        for (var frame = 0; frame < 40; frame++)
            SendAndReceive(conference, publisher, subscriber);
        Assert.True(subscriber.Audio.Numbers.Count > audioBefore);
        Assert.True(publisher.Video.KeyFrames > keyFrames);
    }

    internal static SimulatedPublisher Connect(Conference conference, ulong user, ushort firstSequence = 0)
    {
        conference.Join(user);
        var publisher = new SimulatedPublisher(conference, user, firstSequence);
        conference.RunUntil(() => publisher.Client.IsConnected, TimeSpan.FromSeconds(20), $"publisher {user} connects");
        // The node is up a flight later than the client.
        conference.RunUntil(() => conference.Happenings<PublisherReady>().Any(ready => ready.Publisher.Id == user), TimeSpan.FromSeconds(20), $"publisher {user} is announced");
        return publisher;
    }

    internal static SimulatedSubscriber Watch(Conference conference, ulong user, SimulatedPublisher publisher)
    {
        conference.Join(user);
        var subscriber = new SimulatedSubscriber(conference, user, publisher.User);
        conference.RunUntil(
            () => conference.Happenings<PeerConnected>().Any(connected => connected.PeerId == subscriber.PeerId), TimeSpan.FromSeconds(20), $"subscriber {user} connects");
        return subscriber;
    }

    internal static void SendAndReceive(Conference conference, SimulatedPublisher publisher, SimulatedSubscriber subscriber)
    {
        publisher.SendFrame();
        conference.Run(FrameInterval);
        subscriber.Receive();
    }

    private static SimulatedPublisher Publish(Conference conference, ulong user)
    {
        conference.Join(user);
        return new(conference, user);
    }

    private static void Configure(Conference conference, SimulatedSubscriber subscriber, bool send)
    {
        var configuration = new PeerConfiguration([new DownTrackConfiguration("", send, null)], null, false);
        Conference.Value(conference.Engine.Configure(Conference.RoomId, Conference.Epoch, subscriber.PeerId, configuration, conference.Now));
    }
}
