using MediaNode.Core.Forwarding.Statistics;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.SimulationTests.Network;

namespace MediaNode.Core.SimulationTests;

public sealed class StatisticsTests
{
    [Fact]
    public void Rates_losses_repairs_freezes_and_the_microphone_are_told()
    {
        using var conference = new Conference(seed: 51);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        publisher.AudioLevel = 20;
        conference.Network.Conditions = PathConditions.Perfect with { Loss = 0.05 };
        for (var frame = 0; frame < 90; frame++)
            ForwardingTests.SendAndReceive(conference, publisher, subscriber);

        var up = Read(conference, publisher.PeerId);
        var video = up.Streams.Single(stream => stream.Kind == MediaKind.Video);
        // Frames of four packets of a thousand bytes, thirty a second.
        Assert.InRange(video.PacketsPerSecond, 90, 130);
        Assert.InRange(video.Bitrate.BitsPerSecond, 90 * 8000, 140 * 8000);
        Assert.True(video.IsReceiving && video.Nacked > 0 && video.KeyFrames > 0 && video.KeyFrameRequests > 0);
        Assert.InRange(up.Streams.Single(stream => stream.Kind == MediaKind.Audio).Loss, 0, 0.3);
        // -20 dBov is a tenth of full scale.
        Assert.InRange(up.MicrophoneLevel!.Value, 0.09, 0.11);
        Assert.True(up.IsTalking);

        var down = Read(conference, subscriber.PeerId).Subscriptions.Single(stream => stream.Kind == MediaKind.Video);
        Assert.Equal(publisher.User, down.PublisherId);
        Assert.True(down.Packets > 0 && down.Nacked > 0 && down.Resent > 0 && down.Frames > 0);
        Assert.Null(down.Lost);
    }

    [Fact]
    public void Gap_between_frames_is_a_freeze_and_a_long_one_a_pause()
    {
        using var conference = new Conference(seed: 52);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        Send(60);
        conference.Run(TimeSpan.FromMilliseconds(600));
        Send(30);
        conference.Run(TimeSpan.FromSeconds(3));
        Send(30);

        var video = Read(conference, publisher.PeerId).Streams.Single(stream => stream.Kind == MediaKind.Video);
        Assert.Equal((1, 1), (video.Freezes, video.Pauses));
        Assert.InRange(video.Frozen.TotalMilliseconds, 600, 700);
        var down = Read(conference, subscriber.PeerId).Subscriptions.Single(stream => stream.Kind == MediaKind.Video);
        Assert.Equal(1, down.Freezes);

        void Send(int frames)
        {
            for (var frame = 0; frame < frames; frame++)
                ForwardingTests.SendAndReceive(conference, publisher, subscriber);
        }
    }

    [Fact]
    public void What_the_subscriber_reports_is_told()
    {
        using var conference = new Conference(seed: 53);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        ForwardingTests.SendAndReceive(conference, publisher, subscriber);
        Report(highest: 1000, lost: 0);
        Report(highest: 1100, lost: 25);

        var down = Read(conference, subscriber.PeerId).Subscriptions.Single(stream => stream.Kind == MediaKind.Video);
        Assert.Equal(25, down.Lost);
        Assert.Equal(0.25, down.Loss, 3);
        Assert.Equal(10, down.Jitter.TotalMilliseconds, 3);

        void Report(uint highest, int lost)
        {
            var buffer = new byte[64];
            var writer = new RtcpWriter(buffer);
            writer.WriteReceiverReport(new(9), [new(subscriber.Video.Ssrc, 0, lost, highest, 900, 0, 0)]);
            subscriber.Client.SendControl(buffer.AsSpan(0, writer.Length));
            conference.Run(TimeSpan.FromMilliseconds(50));
        }
    }

    [Fact]
    public void Peers_are_listed_by_room_and_one_that_is_gone_is_left_out()
    {
        using var conference = new Conference(seed: 54);
        var publisher = ForwardingTests.Connect(conference, 1);
        var peers = conference.Engine.ListPeers(Conference.RoomId);
        Assert.Equal([publisher.PeerId], peers);
        Assert.Empty(conference.Engine.ListPeers("another"));
        Conference.Value(conference.Engine.ClosePeer(Conference.RoomId, Conference.Epoch, publisher.PeerId, conference.Now));
        Assert.Empty(conference.Engine.ReadStatistics(peers, conference.Now));
    }

    private static PeerStatistics Read(Conference conference, ulong peer) => Assert.Single(conference.Engine.ReadStatistics([peer], conference.Now));
}
