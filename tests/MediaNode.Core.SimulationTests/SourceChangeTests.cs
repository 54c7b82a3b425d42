using System.Buffers.Binary;
using MediaNode.Core.Forwarding;
using MediaNode.Core.Forwarding.Statistics;
using MediaNode.Core.Net;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.SimulationTests.Network;
using MediaNode.Core.SimulationTests.Scenarios;

namespace MediaNode.Core.SimulationTests;

/// <summary>A client's sender begins anew on the same m-line, under another SSRC: numbers and timestamps begin anywhere, and nobody who watches may notice.</summary>
public sealed class SourceChangeTests
{
    private const int FramesBefore = 20;
    private const int FramesAfter = 20;

    /// <summary>Below and above those before, and such that they seem to go on with them.</summary>
    public static TheoryData<ushort, uint> Beginnings => new()
    {
        { 0, 0 },
        { 40_000, 1_000_000_000 },
        { 65_530, 0xF000_0000 },
        { 3, 100 },
        { 500, 4_000_000_000 },
    };

    [Theory]
    [MemberData(nameof(Beginnings))]
    public void Sources_that_a_later_offer_names_go_on_without_a_gap(ushort firstSequence, uint timestamp)
    {
        using var call = new Call(seed: 1);
        call.SendFrames(FramesBefore);

        call.Publisher.RestartSenders(firstSequence, timestamp);
        call.Offer();
        call.SendFrames(FramesAfter);

        Assert.Equal(call.Publisher.Audio.PacketsSent, call.Subscriber.Audio.Numbers.Count);
        Assert.Equal(call.Publisher.Video.PacketsSent, call.Subscriber.Video.Numbers.Count);
        call.AssertContinuous();
        Assert.Empty(call.Conference.Happenings<NegotiationNeeded>());
    }

    [Theory]
    [MemberData(nameof(Beginnings))]
    public void Source_that_nobody_announced_takes_over_with_its_second_packet(ushort firstSequence, uint timestamp)
    {
        using var call = new Call(seed: 2);
        call.SendFrames(FramesBefore);

        call.Publisher.RestartSenders(firstSequence, timestamp);
        call.SendFrames(FramesAfter);

        Assert.Equal(call.Publisher.Audio.PacketsSent - 1, call.Subscriber.Audio.Numbers.Count);
        Assert.Equal(2, call.Conference.Engine.Drops[DropReason.RtpUnprovenSource]);
        // The packet that is missing was the first of the key frame: another one was asked for at once.
        Assert.True(call.Publisher.Video.LastKeyFrame <= 4 * (FramesBefore + 3), $"key frame only with packet {call.Publisher.Video.LastKeyFrame}");
        Assert.Equal(4 * FramesBefore + call.Publisher.Video.PacketsSent - call.Publisher.Video.LastKeyFrame, call.Subscriber.Video.Numbers.Count);
        call.AssertContinuous();
    }

    [Fact]
    public void Video_that_goes_on_without_a_key_frame_is_held_back_until_the_one_that_is_asked_for()
    {
        using var call = new Call(seed: 3);
        call.SendFrames(FramesBefore);

        call.Publisher.RestartSenders(0, 0, beginsWithKeyFrame: false);
        call.Offer();
        call.SendFrames(FramesAfter);

        // Asked for with the first frame, it is the second or third.
        Assert.InRange(call.Publisher.Video.LastKeyFrame, 4 * (FramesBefore + 1), 4 * (FramesBefore + 2));
        Assert.Equal(4 * FramesBefore + call.Publisher.Video.PacketsSent - call.Publisher.Video.LastKeyFrame, call.Subscriber.Video.Numbers.Count);
        call.AssertContinuous();
    }

    [Fact]
    public void Packets_of_the_source_before_that_come_late_do_not_bring_it_back()
    {
        using var call = new Call(seed: 4);
        call.SendFrames(FramesBefore);
        var late = call.Hold(() => call.Publisher.SendFrame());
        Assert.Equal(5, late.Count);

        call.Publisher.RestartSenders(7, 7);
        call.Offer();
        call.SendFrames(2);
        var before = call.Subscriber.Video.Numbers.Count;
        late.ForEach(datagram => call.Conference.Inject(call.Publisher.Address, datagram));
        call.SendFrames(FramesAfter);

        Assert.Equal(5, call.Conference.Engine.Drops[DropReason.RtpUnprovenSource]);
        Assert.Equal(before + 4 * FramesAfter, call.Subscriber.Video.Numbers.Count);
        call.AssertContinuous();
    }

    [Theory]
    [InlineData(4_000)]
    [InlineData(20_000)]
    [InlineData(32_000)]
    public void Source_whose_numbers_jump_ahead_goes_on_without_a_gap(ushort numbers)
    {
        using var call = new Call(seed: 13);
        call.SendFrames(FramesBefore);

        foreach (var stream in new[] { call.Publisher.Audio, call.Publisher.Video })
            stream.Restart(stream.Ssrc, numbers, timestamp: 1_000_000_000);
        call.SendFrames(FramesAfter);

        Assert.Equal(call.Publisher.Audio.PacketsSent, call.Subscriber.Audio.Numbers.Count);
        Assert.Equal(call.Publisher.Video.PacketsSent, call.Subscriber.Video.Numbers.Count);
        call.AssertContinuous();
    }

    /// <summary>Retransmissions have numbers of their own that SRTP knows; the number of what they repeat is only claimed.</summary>
    [Theory]
    [InlineData(5_000)]
    [InlineData(30_000)]
    [InlineData(-5_000)]
    public void Retransmission_of_a_packet_far_off_does_not_carry_a_stream_away(int distance)
    {
        using var call = new Call(seed: 14);
        call.SendFrames(FramesBefore);
        var keyFrames = call.Publisher.Video.KeyFrames;

        for (var i = 0; i < 3; i++)
            call.SendRetransmission((ushort)(4 * FramesBefore + distance + i));
        call.SendFrames(FramesAfter);

        Assert.Equal(3, call.Conference.Engine.Drops[DropReason.RtpUnprovenNumber]);
        Assert.Equal(call.Publisher.Video.PacketsSent, call.Subscriber.Video.Numbers.Count);
        Assert.Equal(keyFrames, call.Publisher.Video.KeyFrames);
        call.AssertContinuous();
    }

    [Fact]
    public void What_the_new_source_loses_is_asked_for_and_what_is_asked_for_of_the_one_before_is_what_was_sent()
    {
        using var call = new Call(seed: 5);
        call.SendFrames(FramesBefore);
        var ofFormer = call.Subscriber.Video.HighestSequenceNumber;
        call.Publisher.RestartSenders(0, 0);
        call.Offer();
        call.SendFrames(2);

        var lost = 0;
        call.Losing(datagram => BinaryPrimitives.ReadUInt32BigEndian(datagram.AsSpan(8)) == call.Publisher.Video.Ssrc.Value && ++lost % 5 == 1, () => call.SendFrames(6));
        call.SendFrames(10);
        call.Nack(ofFormer);

        // Six pictures of four packets, some of which come once more.
        Assert.InRange(lost, 24, 34);
        Assert.Equal(call.Publisher.Video.PacketsSent, call.Subscriber.Video.Numbers.Count);
        Assert.True(call.Publisher.Video.KeyFrames <= 3, "key frames instead of packets");
    }

    /// <summary>With nobody there to be asked, what is due stays due: the worker must not turn for it.</summary>
    [Fact]
    public void What_is_missing_of_a_source_that_turns_out_to_be_another_streams_is_not_asked_for()
    {
        using var call = new Call(seed: 15);
        call.SendFrames(FramesBefore);
        var sent = 0;
        call.Losing(datagram => ++sent % 3 == 0, () => call.SendFrames(1));
        Network.Conference.Value(call.Conference.Engine.Configure(
            Network.Conference.RoomId, Network.Conference.Epoch, call.Publisher.PeerId, new([], BitrateCap: null, KeyFrame: true), call.Conference.Now));

        var ofVideo = new[] { $"a=ssrc:{call.Publisher.Video.Ssrc.Value} ", $"a=ssrc:{call.Publisher.Video.Ssrc.Value + 1} ", "a=ssrc-group:" };
        call.Offer(offer => string.Join("\r\n", offer.Split("\r\n").Where(line => !ofVideo.Any(line.StartsWith)))
            .Replace($"a=ssrc:{call.Publisher.Audio.Ssrc.Value} ", ofVideo[0], StringComparison.Ordinal));
        call.Conference.Run(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void Reports_and_statistics_begin_anew_with_the_source_and_totals_go_on()
    {
        using var call = new Call(seed: 6);
        call.SendFrames(FramesBefore);
        call.Publisher.Video.SendReport(call.Publisher.Client, NtpTime.From(call.Conference.Now, TimeSpan.FromDays(40_000)));
        call.SendFrames(40);
        var before = call.ReadVideo();

        call.Publisher.RestartSenders(60_000, 123);
        call.Offer();
        call.SendFrames(FramesAfter);
        var after = call.ReadVideo();

        Assert.Equal((0, 0), (before.Lost, after.Lost));
        Assert.Equal(before.Packets + 4 * FramesAfter, after.Packets);
        Assert.Equal(before.Frames + FramesAfter, after.Frames);
        Assert.Equal(0, after.Freezes);
        Assert.Equal(call.Publisher.Video.Ssrc.Value, after.Ssrc);
        Assert.InRange(after.Jitter, TimeSpan.Zero, TimeSpan.FromMilliseconds(5));
        Assert.Equal(0, after.Nacked);
    }

    [Fact]
    public void Sender_report_of_a_source_that_does_not_go_out_yet_is_not_handed_on()
    {
        using var call = new Call(seed: 7);
        call.SendFrames(FramesBefore);
        call.SendVideoReport();
        call.SendFrames(40);
        Assert.NotEmpty(call.VideoReports());

        call.Publisher.RestartSenders(0, 3_000_000_000, beginsWithKeyFrame: false);
        call.Offer();
        SendUndecodable(1);
        call.VideoReports();
        SendUndecodable(60);
        Assert.Empty(call.VideoReports());

        call.Publisher.Video.KeyFrameWanted = true;
        call.SendFrames(40);
        call.SendVideoReport();
        call.SendFrames(40);
        var report = call.VideoReports()[^1];
        // The subscriber's clock at that moment: 90 a millisecond from what the last packet says.
        var distance = (int)(report.RtpTimestamp.Value - call.Subscriber.Video.LastTimestamp);
        Assert.InRange(distance, -90 * 1100, 90 * 1100);

        void SendUndecodable(int frames)
        {
            for (var frame = 0; frame < frames; frame++)
            {
                while (call.Publisher.Client.TryTakeControl(out _))
                {
                    // Requests for key frames fall on deaf ears.
                }
                call.Publisher.Video.KeyFrameWanted = false;
                call.SendFrames(1);
                call.SendVideoReport();
            }
        }
    }

    [Fact]
    public void One_encoding_of_a_simulcast_may_come_from_a_new_sender()
    {
        using var conference = new Conference(seed: 8);
        conference.Join(1);
        var publisher = new SimulcastPublisher(conference, 1, seed: 8);
        conference.RunUntil(() => publisher.Client.IsConnected && conference.Happenings<PublisherReady>().Any(), TimeSpan.FromSeconds(5), "the publisher is announced");
        conference.Join(2);
        var subscriber = new DecodingSubscriber(conference, 2, 1);
        conference.RunUntil(() => subscriber.Client.IsConnected, TimeSpan.FromSeconds(5), "the subscriber connects");
        Send(90);
        var before = PlayBack.Check(subscriber.Packets.Values, conference.Now);
        Assert.Equal(2, before[^1].Stamp.Encoding);

        publisher.Encodings[2].Restart(new Random(9));
        Send(90);

        var played = PlayBack.Check(subscriber.Packets.Values, conference.Now);
        Assert.Equal(2, played[^1].Stamp.Encoding);
        Assert.True(PlayBack.LongestFreeze(played.Skip(10)) < TimeSpan.FromMilliseconds(500), $"a freeze of {PlayBack.LongestFreeze(played.Skip(10))}");

        void Send(int frames)
        {
            for (var frame = 0; frame < frames; frame++)
            {
                publisher.SendFrame();
                conference.Run(ForwardingTests.FrameInterval);
                subscriber.Receive();
            }
        }
    }

    [Fact]
    public void Publisher_that_takes_its_simulcast_away_and_back_forty_times_is_still_seen()
    {
        using var conference = new Conference(seed: 9);
        conference.Join(1);
        var publisher = new SimulcastPublisher(conference, 1, seed: 9);
        conference.RunUntil(() => publisher.Client.IsConnected && conference.Happenings<PublisherReady>().Any(), TimeSpan.FromSeconds(5), "the publisher is announced");
        for (var turn = 0; turn < 40; turn++)
        {
            publisher.Stop();
            publisher.Resume(new Random(turn));
            for (var frame = 0; frame < 5; frame++)
            {
                publisher.SendFrame();
                conference.Run(ForwardingTests.FrameInterval);
            }
        }
        conference.Join(2);
        var subscriber = new DecodingSubscriber(conference, 2, 1);
        conference.RunUntil(() => subscriber.Client.IsConnected, TimeSpan.FromSeconds(5), "the subscriber connects");
        for (var frame = 0; frame < 60; frame++)
        {
            publisher.SendFrame();
            conference.Run(ForwardingTests.FrameInterval);
            subscriber.Receive();
        }

        Assert.Equal(0, conference.Engine.Drops[DropReason.RtpTooManySources]);
        var played = PlayBack.Check(subscriber.Packets.Values, conference.Now);
        Assert.Equal(2, played[^1].Stamp.Encoding);
        Assert.True(played.Count > 50, $"only {played.Count} pictures");
    }

    /// <summary>One who publishes and one who watches; everything that goes out is audited.</summary>
    private sealed class Call : IDisposable
    {
        private readonly WireAudit _audit = new();
        private readonly List<HeardReport> _reports = [];
        private Func<byte[], bool> _isLost = _ => false;
        private ulong _retransmissions;

        public Call(int seed)
        {
            Conference = new(seed);
            Publisher = ForwardingTests.Connect(Conference, 1, keyFrameFactor: 1);
            Subscriber = ForwardingTests.Watch(Conference, 2, Publisher);
            _audit.Know(Publisher.Address, Publisher.Client);
            _audit.Know(Subscriber.Address, Subscriber.Client);
            Conference.Network.Filter = (from, to, datagram) =>
            {
                if (from == Network.Conference.ServerAddress)
                    _audit.Look(to, datagram);
                return from != Publisher.Address || DatagramDemux.Classify(datagram) != PacketKind.Rtp || !_isLost(datagram);
            };
        }

        public Conference Conference { get; }

        public SimulatedPublisher Publisher { get; }

        public SimulatedSubscriber Subscriber { get; }

        /// <param name="change">To what the client would offer.</param>
        public void Offer(Func<string, string>? change = null)
        {
            var offer = Publisher.CreateOffer();
            Network.Conference.Value(Conference.Engine.Publish(
                Network.Conference.RoomId, Network.Conference.Epoch, Publisher.User, Publisher.PeerId, change is null ? offer : change(offer), 0, Conference.Now));
        }

        public void SendFrames(int count)
        {
            for (var frame = 0; frame < count; frame++)
            {
                ForwardingTests.SendAndReceive(Conference, Publisher, Subscriber);
                while (Subscriber.Client.TryTakeControl(out var compound))
                    Read(compound);
            }
        }

        public void SendVideoReport()
        {
            Publisher.Video.SendReport(Publisher.Client, NtpTime.From(Conference.Now, TimeSpan.FromDays(40_000)));
            Conference.Drain();
        }

        /// <summary>Claims that it repeats the packet of a number.</summary>
        public void SendRetransmission(ushort number)
        {
            var video = Publisher.Client.Media.Single(media => media.Kind == MediaKind.Video);
            byte[] header = [0x80, video.Codec!.RetransmissionPayloadType!.Value.Value, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)++_retransmissions);
            BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(8), Publisher.Video.Ssrc.Value + 1);
            Publisher.Client.SendPacket(header, [(byte)(number >> 8), (byte)number, 0x10, 1, .. new byte[100]], _retransmissions);
            Conference.Drain();
        }

        public void Losing(Func<byte[], bool> isLost, Action act)
        {
            _isLost = isLost;
            act();
            _isLost = _ => false;
        }

        /// <summary>What the publisher sends is kept from the node.</summary>
        public List<byte[]> Hold(Action send)
        {
            var held = new List<byte[]>();
            Losing(
                datagram =>
                {
                    held.Add(datagram);
                    return true;
                },
                send);
            return held;
        }

        public void Nack(ushort sequenceNumber)
        {
            var buffer = new byte[64];
            var writer = new RtcpWriter(buffer);
            writer.WriteNack(new(new(9), Subscriber.Video.Ssrc), [sequenceNumber]);
            Subscriber.Client.SendControl(buffer.AsSpan(0, writer.Length));
            SendFrames(1);
        }

        /// <summary>Since the last time.</summary>
        public List<HeardReport> VideoReports()
        {
            var reports = _reports.Where(report => report.Ssrc == Subscriber.Video.Ssrc).ToList();
            _reports.Clear();
            return reports;
        }

        public StreamStatistics ReadVideo() =>
            Conference.Engine.ReadStatistics([Publisher.PeerId], Conference.Now).Single().Streams.Single(stream => stream.Kind == MediaKind.Video);

        /// <summary>No number is left out, and no timestamp is further from the one before than time has passed.</summary>
        public void AssertContinuous()
        {
            foreach (var (stream, clockRate) in new[] { (Subscriber.Audio, 48_000), (Subscriber.Video, 90_000) })
            {
                Assert.Equal(stream.Span, stream.Numbers.Count);
                Assert.InRange(stream.LongestStep, 1u, (uint)(clockRate * 0.2));
            }
            Assert.Equal(0, Subscriber.Client.BadPackets);
        }

        public void Dispose() => Conference.Dispose();

        private void Read(byte[] compound)
        {
            Assert.True(RtcpCompoundReader.TryParse(compound, out var packets, out _));
            foreach (var packet in packets)
            {
                if (SenderReportView.TryParse(packet, out var report, out _))
                    _reports.Add(new(report.Sender.Ssrc, report.Sender.RtpTimestamp));
            }
        }

        public sealed record HeardReport(Ssrc Ssrc, RtpTimestamp RtpTimestamp);
    }
}
