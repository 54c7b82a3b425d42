using MediaNode.Core.Forwarding;
using MediaNode.Core.Rtcp;
using MediaNode.Core.SimulationTests.Network;

namespace MediaNode.Core.SimulationTests;

/// <summary>RTCP in the forms that clients agreed to.</summary>
public sealed class ControlNegotiationTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Feedback_stands_alone_only_where_that_was_agreed(bool isReducedSize)
    {
        using var conference = new Conference(seed: 1);
        conference.Join(1);
        var publisher = new SimulatedPublisher(conference, 1, without: isReducedSize ? [] : ["a=rtcp-rsize"]);
        conference.RunUntil(() => conference.Happenings<PublisherReady>().Any(), TimeSpan.FromSeconds(5), "the publisher connects");
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        conference.Network.Conditions = PathConditions.Perfect with { Loss = 0.1 };
        Conference.Value(conference.Engine.Configure(Conference.RoomId, Conference.Epoch, publisher.PeerId, new([], 500_000, KeyFrame: true), conference.Now));

        var (alone, seen) = (0, new HashSet<(RtcpPacketType, byte)>());
        for (var frame = 0; frame < 90; frame++)
        {
            while (publisher.Client.TryTakeControl(out var compound))
            {
                publisher.Video.HandleControl(publisher.Client, compound);
                Assert.True(RtcpCompoundReader.TryParse(compound, out var packets, out _));
                var types = new List<RtcpPacketType>();
                foreach (var packet in packets)
                {
                    types.Add(packet.Type);
                    seen.Add((packet.Type, packet.Type is RtcpPacketType.TransportFeedback or RtcpPacketType.PayloadFeedback ? packet.Count : (byte)0));
                }
                alone += types is [RtcpPacketType.ReceiverReport, RtcpPacketType.SourceDescription, ..] ? 0 : 1;
            }
            ForwardingTests.SendAndReceive(conference, publisher, subscriber);
        }

        // NACK, PLI and REMB.
        Assert.All(
            [(RtcpPacketType.TransportFeedback, 1), (RtcpPacketType.PayloadFeedback, 1), (RtcpPacketType.PayloadFeedback, 15)],
            kind => Assert.Contains((kind.Item1, (byte)kind.Item2), seen));
        Assert.Equal(isReducedSize, alone > 0);
    }

    [Fact]
    public void Publisher_without_pli_is_asked_for_key_frames_by_fir_and_once_for_each_need()
    {
        using var conference = new Conference(seed: 2);
        conference.Join(1);
        var publisher = new SimulatedPublisher(conference, 1, without: ["nack pli"]);
        conference.RunUntil(() => publisher.Client.IsConnected, TimeSpan.FromSeconds(5), "the publisher connects");
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        Exchange(30);
        Assert.NotEmpty(publisher.Video.FullIntraRequests);

        // Requests that come to nothing are repeated under their number.
        publisher.Video.FullIntraRequests.Clear();
        AskForKeyFrame();
        conference.Run(TimeSpan.FromMilliseconds(900));
        Exchange(1);
        Assert.True(publisher.Video.FullIntraRequests.Count >= 2);
        var number = Assert.Single(publisher.Video.FullIntraRequests.Distinct());

        Exchange(60);
        AskForKeyFrame();
        Exchange(10);

        Assert.Equal((byte)(number + 1), publisher.Video.FullIntraRequests[^1]);
        Assert.Equal(publisher.Video.PacketsSent, subscriber.Video.Numbers.Count);

        void Exchange(int frames)
        {
            for (var i = 0; i < frames; i++)
                ForwardingTests.SendAndReceive(conference, publisher, subscriber);
        }

        void AskForKeyFrame() =>
            Conference.Value(conference.Engine.Configure(Conference.RoomId, Conference.Epoch, publisher.PeerId, new([], null, KeyFrame: true), conference.Now));
    }

    [Fact]
    public void Fir_that_is_repeated_asks_for_no_second_key_frame()
    {
        using var conference = new Conference(seed: 3);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        Exchange(60);
        var before = publisher.Video.KeyFrames;

        for (var i = 0; i < 5; i++)
        {
            AskFor(number: 7);
            Exchange(45);
        }
        Assert.Equal(before + 1, publisher.Video.KeyFrames);

        AskFor(number: 8);
        Exchange(45);
        Assert.Equal(before + 2, publisher.Video.KeyFrames);

        void Exchange(int frames)
        {
            for (var i = 0; i < frames; i++)
                ForwardingTests.SendAndReceive(conference, publisher, subscriber);
        }

        void AskFor(byte number)
        {
            var buffer = new byte[64];
            var writer = new RtcpWriter(buffer);
            writer.WriteFullIntraRequest(new(99), [new(subscriber.Video.Ssrc, number)]);
            subscriber.Client.SendControl(buffer.AsSpan(0, writer.Length));
        }
    }
}
