using MediaNode.Core.Forwarding;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.SimulationTests.Network;

namespace MediaNode.Core.SimulationTests;

/// <summary>Sources that end with a word (BYE, RFC 3550 section 6.6), at the publisher and on the way to subscribers.</summary>
public sealed class GoodbyeTests
{
    [Fact]
    public void Stream_that_says_goodbye_is_told_of_at_once_and_is_no_freeze()
    {
        using var conference = new Conference(seed: 1);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        Exchange(conference, publisher, subscriber, frames: 60);
        Assert.True(Changes(conference).Last().Receiving);

        SayGoodbye(publisher.Client, publisher.Video.Ssrc);
        conference.Run(TimeSpan.FromMilliseconds(50));

        Assert.False(Changes(conference).Last().Receiving);
        Assert.False(Video(conference, publisher).IsReceiving);
        var requests = conference.Engine.Counters.KeyFrameRequests;
        conference.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(requests, conference.Engine.Counters.KeyFrameRequests);

        // The same source again, as a browser's whose layer was stopped for a while.
        Exchange(conference, publisher, subscriber, frames: 60);
        Assert.True(Changes(conference).Last().Receiving);
        Assert.Equal((0, 1), (Video(conference, publisher).Freezes, Video(conference, publisher).Pauses));
        Assert.Equal(publisher.Video.PacketsSent, subscriber.Video.Numbers.Count);
    }

    [Fact]
    public void Encoding_that_says_goodbye_gives_its_subscribers_to_another_at_once()
    {
        using var conference = new Conference(seed: 2);
        conference.Join(1);
        var publisher = new SimulcastPublisher(conference, 1, seed: 2);
        conference.RunUntil(() => publisher.Client.IsConnected, TimeSpan.FromSeconds(5), "the publisher connects");
        conference.Join(2);
        var subscriber = new DecodingSubscriber(conference, 2, publisher.User);
        conference.RunUntil(() => subscriber.Client.IsConnected, TimeSpan.FromSeconds(5), "the subscriber connects");
        Run(90);
        Assert.Equal(2, LastEncoding());

        var keyFrames = publisher.Encodings[1].KeyFrames;
        publisher.Encodings[2].IsActive = false;
        SayGoodbye(publisher.Client, publisher.Encodings[2].Ssrc);
        Run(3);

        Assert.Equal(keyFrames + 1, publisher.Encodings[1].KeyFrames);
        Assert.Equal(1, LastEncoding());
        publisher.Encodings[2].IsActive = true;
        Run(60);
        Assert.Equal(2, LastEncoding());

        void Run(int frames)
        {
            for (var i = 0; i < frames; i++)
            {
                publisher.SendFrame();
                conference.Run(ForwardingTests.FrameInterval);
                subscriber.Receive();
            }
        }

        int LastEncoding() => FrameStamp.Read(subscriber.Packets.Values.Last(packet => packet.Payload.Length > 0).Payload.AsSpan(LayeredSource.StampOffset)).Encoding;
    }

    [Fact]
    public void Flood_of_goodbyes_ends_a_stream_twice_a_second_at_most()
    {
        using var conference = new Conference(seed: 3);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        Exchange(conference, publisher, subscriber, frames: 30);
        var told = Changes(conference).Count();

        for (var i = 0; i < 100; i++)
        {
            SayGoodbye(publisher.Client, publisher.Video.Ssrc);
            SayGoodbye(publisher.Client, new(4711));
            Exchange(conference, publisher, subscriber, frames: 1);
        }

        Assert.InRange(Changes(conference).Count() - told, 2, 16);
        Assert.InRange(conference.Engine.Drops[DropReason.TooMuchFeedback], 90, 98);
        Assert.Equal(publisher.Video.PacketsSent, subscriber.Video.Numbers.Count);
    }

    [Theory]
    [InlineData("publisher leaves")]
    [InlineData("unsubscribed")]
    [InlineData("peer closed")]
    public void Subscriber_is_told_which_sources_have_ended(string how)
    {
        using var conference = new Conference(seed: 4);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        Exchange(conference, publisher, subscriber, frames: 30);
        TakeGoodbyes(subscriber.Client);

        switch (how)
        {
            case "publisher leaves":
                Conference.Value(conference.Engine.Leave(Conference.RoomId, Conference.Epoch, 1, null, conference.Now));
                break;
            case "unsubscribed":
                Conference.Value(conference.Engine.UpdateSubscription(
                    Conference.RoomId, Conference.Epoch, subscriber.PeerId, [], [new StreamRemoval(publisher.User, "")], restartsIce: false, conference.Now));
                break;
            default:
                Conference.Value(conference.Engine.ClosePeer(Conference.RoomId, Conference.Epoch, subscriber.PeerId, conference.Now));
                break;
        }
        conference.Run(TimeSpan.FromMilliseconds(100));

        var goodbyes = TakeGoodbyes(subscriber.Client);
        Assert.All([subscriber.Audio.Ssrc, subscriber.Video.Ssrc], ssrc => Assert.Single(goodbyes, ssrc));
        // And the source of retransmissions.
        Assert.Equal(3, goodbyes.Count);
    }

    private static void Exchange(Conference conference, SimulatedPublisher publisher, SimulatedSubscriber subscriber, int frames)
    {
        for (var i = 0; i < frames; i++)
            ForwardingTests.SendAndReceive(conference, publisher, subscriber);
    }

    private static IEnumerable<MediaChanged> Changes(Conference conference) =>
        conference.Happenings<MediaChanged>().Where(change => change.Kind == MediaKind.Video);

    private static Forwarding.Statistics.StreamStatistics Video(Conference conference, SimulatedPublisher publisher) =>
        conference.Engine.ReadStatistics([publisher.PeerId], conference.Now).Single().Streams.Single(stream => stream.Kind == MediaKind.Video);

    private static void SayGoodbye(RtcClient client, Ssrc ssrc)
    {
        var buffer = new byte[64];
        var writer = new RtcpWriter(buffer);
        writer.WriteReceiverReport(ssrc, []);
        writer.WriteSourceDescription(ssrc, "client"u8);
        writer.WriteGoodbye([ssrc]);
        client.SendControl(buffer.AsSpan(0, writer.Length));
    }

    /// <summary>All compounds that came are whole ones.</summary>
    private static List<Ssrc> TakeGoodbyes(RtcClient client)
    {
        var ended = new List<Ssrc>();
        while (client.TryTakeControl(out var compound))
        {
            Assert.True(RtcpCompoundReader.TryParse(compound, out var packets, out _));
            foreach (var packet in packets)
            {
                if (!GoodbyeView.TryParse(packet, out var goodbye, out _))
                    continue;
                Assert.True(compound[1] is (byte)RtcpPacketType.SenderReport or (byte)RtcpPacketType.ReceiverReport);
                for (var i = 0; i < goodbye.Count; i++)
                    ended.Add(goodbye[i]);
            }
        }
        return ended;
    }
}
