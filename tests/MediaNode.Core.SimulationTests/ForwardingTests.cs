using MediaNode.Core.Forwarding;
using MediaNode.Core.Rtcp;
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
        var subscribers = Enumerable.Range(2, 1000).Select(user => Join(conference, (ulong)user, publisher)).ToList();
        conference.RunUntil(() => conference.Happenings<PeerConnected>().Count() == subscribers.Count + 1, TimeSpan.FromSeconds(20), "all subscribers connect");
        for (var frame = 0; frame < 40; frame++)
            SendAndReceive(conference, publisher, subscribers[0]);
        var before = publisher.Video.KeyFrames;
        var requestsBefore = conference.Engine.Counters.KeyFrameRequests;

        for (var frame = 0; frame < 90; frame++)
        {
            subscribers.ForEach(SendPictureLoss);
            SendAndReceive(conference, publisher, subscribers[0]);
        }

        // 90 frames are 3 seconds; a request may be due at both ends.
        Assert.InRange(publisher.Video.KeyFrames - before, 2, 4);
        Assert.InRange(conference.Engine.Counters.KeyFrameRequests - requestsBefore, 2, 4);
        Assert.True(conference.Engine.Drops[DropReason.KeyFrameRequestThrottled] > 1000);
    }

    /// <summary>One who pauses and goes on, another who changes layers, another who leaves and comes back: each needs a key frame, and all get that of one a second.</summary>
    [Fact]
    public void Subscriber_who_toggles_what_it_gets_makes_the_publisher_send_one_key_frame_a_second_in_the_long_run()
    {
        using var conference = new Conference(seed: 6);
        var publisher = Connect(conference, 1);
        var attacker = Watch(conference, 2, publisher);
        SendAndReceive(conference, publisher, attacker);
        var before = publisher.Video.KeyFrames;

        for (var frame = 0; frame < 30 * 20; frame++)
        {
            Configure(conference, attacker, send: false);
            Configure(conference, attacker, send: true);
            SendAndReceive(conference, publisher, attacker);
        }

        Assert.InRange(publisher.Video.KeyFrames - before, 10, 26);

        // Somebody new waits no longer than a second for a picture.
        var newcomer = Watch(conference, 3, publisher);
        for (var frame = 0; frame < 33; frame++)
            SendAndReceive(conference, publisher, newcomer);
        Assert.NotEmpty(newcomer.Video.Numbers);
    }

    [Fact]
    public void Publisher_that_sends_no_video_is_hardly_asked_for_key_frames()
    {
        using var conference = new Conference(seed: 7);
        var publisher = Connect(conference, 1);
        var subscriber = Watch(conference, 2, publisher);
        SendAndReceive(conference, publisher, subscriber);
        for (var frame = 0; frame < 30 * 3; frame++)
            SendAudio();
        var before = conference.Engine.Counters.KeyFrameRequests;

        for (var frame = 0; frame < 30 * 30; frame++)
        {
            SendPictureLoss(subscriber);
            SendAudio();
        }
        Assert.InRange(conference.Engine.Counters.KeyFrameRequests - before, 1, 4);

        var keyFrames = publisher.Video.KeyFrames;
        SendAndReceive(conference, publisher, subscriber);
        SendAndReceive(conference, publisher, subscriber);
        SendAndReceive(conference, publisher, subscriber);
        SendAndReceive(conference, publisher, subscriber);
        Assert.True(publisher.Video.KeyFrames > keyFrames, "the one that was wanted all the time was not asked for when video came again");

        void SendAudio()
        {
            publisher.SendFrame(videoPackets: 0);
            conference.Run(FrameInterval);
        }
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

    /// <summary>As long as fits an Ethernet frame: senders of 1200 bytes are not the only ones.</summary>
    [Fact]
    public void Packets_are_forwarded_up_to_what_fits_a_datagram_and_longer_ones_are_dropped()
    {
        using var conference = new Conference(seed: 6);
        var publisher = Connect(conference, 1, keyFrameFactor: 1);
        var subscriber = Watch(conference, 2, publisher);
        var longest = 0;
        conference.Network.Filter = (_, to, datagram) =>
        {
            longest = to == subscriber.Address ? Math.Max(longest, datagram.Length) : longest;
            return true;
        };
        SendAndReceive(conference, publisher, subscriber);

        var (received, sizes) = (0, 0);
        for (var bytes = 1400; bytes <= 1500; bytes++)
        {
            var before = subscriber.Video.Numbers.Count;
            publisher.SendFrame(videoPackets: 1, videoBytes: bytes);
            conference.Run(FrameInterval);
            subscriber.Receive();
            sizes++;
            received += subscriber.Video.Numbers.Count - before;
        }

        // 12 bytes of header, the MID and the transport-wide number behind it, and 16 of the tag leave some 1450 for the payload.
        Assert.InRange(received, 45, 75);
        Assert.Equal(TransmitBatch.MaximumDatagram, longest);
        Assert.Equal(sizes - received, conference.Engine.Drops[DropReason.TooLarge]);
    }

    [Fact]
    public void Sender_reports_count_octets_of_payload()
    {
        using var conference = new Conference(seed: 7);
        var publisher = Connect(conference, 1);
        var subscriber = Watch(conference, 2, publisher);
        for (var frame = 0; frame < 90; frame++)
        {
            SendReport();
            SendAndReceive(conference, publisher, subscriber);
        }

        (uint Packets, uint Octets)? told = null;
        while (subscriber.Client.TryTakeControl(out var compound))
        {
            Assert.True(RtcpCompoundReader.TryParse(compound, out var packets, out _));
            foreach (var packet in packets)
            {
                if (SenderReportView.TryParse(packet, out var report, out _) && report.Sender.Ssrc == subscriber.Audio.Ssrc)
                    told = (report.Sender.PacketCount, report.Sender.OctetCount);
            }
        }
        Assert.NotNull(told);
        Assert.InRange(told.Value.Packets, 50u, 90u);
        Assert.Equal(told.Value.Packets * 100, told.Value.Octets);

        void SendReport()
        {
            var buffer = new byte[64];
            var writer = new RtcpWriter(buffer);
            writer.WriteSenderReport(new(publisher.Audio.Ssrc, NtpTime.From(conference.Now, TimeSpan.FromDays(40_000)), new(0), 0, 0), []);
            publisher.Client.SendControl(buffer.AsSpan(0, writer.Length));
        }
    }

    [Fact]
    public void Audio_begins_with_the_newest_packet_and_goes_on_behind_it()
    {
        using var conference = new Conference(seed: 1);
        var publisher = Connect(conference, 1, keyFrameFactor: 1);
        var subscriber = Join(conference, 2, publisher);
        publisher.SendFrame();
        publisher.SendFrame();

        conference.RunUntil(() => subscriber.Client.IsConnected, TimeSpan.FromSeconds(1), "the subscriber connects");
        conference.Run(TimeSpan.FromMilliseconds(100));
        subscriber.Receive();
        Assert.Single(subscriber.Audio.Numbers);
        Assert.Empty(subscriber.Video.Numbers);

        SendAndReceive(conference, publisher, subscriber);
        Assert.Equal(2, subscriber.Audio.Numbers.Count);
        Assert.Equal(2, subscriber.Audio.Span);
        Assert.Equal(0, subscriber.Audio.Duplicates);
    }

    [Fact]
    public void Audio_does_not_begin_with_what_came_long_ago()
    {
        using var conference = new Conference(seed: 1);
        var publisher = Connect(conference, 1);
        var first = Watch(conference, 2, publisher);
        SendAndReceive(conference, publisher, first);
        conference.Run(TimeSpan.FromMilliseconds(600));

        var second = Watch(conference, 3, publisher);
        conference.Run(TimeSpan.FromMilliseconds(100));
        second.Receive();

        Assert.Empty(second.Audio.Numbers);
    }

    internal static SimulatedPublisher Connect(Conference conference, ulong user, ushort firstSequence = 0, int keyFrameFactor = 6)
    {
        conference.Join(user);
        var publisher = new SimulatedPublisher(conference, user, firstSequence) { KeyFrameFactor = keyFrameFactor };
        conference.RunUntil(() => publisher.Client.IsConnected, TimeSpan.FromSeconds(20), $"publisher {user} connects");
        // The node is up a flight later than the client.
        conference.RunUntil(() => conference.Happenings<PublisherReady>().Any(ready => ready.Publisher.Id == user), TimeSpan.FromSeconds(20), $"publisher {user} is announced");
        return publisher;
    }

    internal static SimulatedSubscriber Watch(Conference conference, ulong user, SimulatedPublisher publisher)
    {
        var subscriber = Join(conference, user, publisher);
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

    private static SimulatedSubscriber Join(Conference conference, ulong user, SimulatedPublisher publisher)
    {
        conference.Join(user);
        return new(conference, user, publisher.User);
    }

    private static void SendPictureLoss(SimulatedSubscriber subscriber)
    {
        Span<byte> buffer = stackalloc byte[12];
        var writer = new Rtcp.RtcpWriter(buffer);
        writer.WritePictureLoss(new(new(7), subscriber.Video.Ssrc));
        subscriber.Client.SendControl(buffer[..writer.Length]);
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
