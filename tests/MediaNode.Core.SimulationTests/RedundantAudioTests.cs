using MediaNode.Core.Forwarding;
using MediaNode.Core.Forwarding.Statistics;
using MediaNode.Core.Net;
using MediaNode.Core.SimulationTests.Network;
using MediaNode.Core.SimulationTests.Scenarios;
using MediaNode.TestPeer;

namespace MediaNode.Core.SimulationTests;

/// <summary>Audio in which each packet repeats the frame before it (RFC 2198), to a subscriber that takes it and to one that does not.</summary>
public sealed class RedundantAudioTests
{
    [Fact]
    public void Redundancy_goes_to_who_agreed_and_the_primary_block_to_who_did_not()
    {
        using var call = new Call(seed: 71);

        call.SendRedundant(100);

        Assert.Equal(call.Publisher.Frames.Count, call.Plain.Packets.Count);
        Assert.All(call.Plain.Packets.Zip(call.Publisher.Frames), pair => Assert.Equal(pair.Second, pair.First.Primary));
        Assert.All(call.Plain.Packets, packet => Assert.False(packet.IsRedundant));
        Assert.All(call.Redundant.Packets.Zip(call.Publisher.Frames), pair => Assert.Equal(pair.Second, pair.First.Primary));
        Assert.All(call.Redundant.Packets, packet => Assert.True(packet.IsRedundant));
        foreach (var listener in call.Listeners)
        {
            Assert.All(listener.Packets, packet => Assert.Equal(call.Publisher.Level, packet.Level));
            AssertContinuous(listener.Packets);
            Assert.Equal(0, listener.Client.BadPackets);
        }
        Assert.Equal(call.Plain.Packets.Select(packet => packet.Timestamp), call.Redundant.Packets.Select(packet => packet.Timestamp));
        Assert.Equal(0, call.Conference.Engine.Counters.PacketsRestored);
    }

    [Fact]
    public void Sender_may_change_between_redundant_and_plain_with_every_packet()
    {
        using var call = new Call(seed: 72);

        for (var i = 0; i < 60; i++)
        {
            if (i % 3 == 0)
                call.Publisher.SendPlain();
            else
                call.Publisher.SendRedundant();
            call.Pass();
        }

        Assert.Equal(Enumerable.Range(0, 60).Select(i => i % 3 != 0), call.Redundant.Packets.Select(packet => packet.IsRedundant));
        foreach (var listener in call.Listeners)
        {
            Assert.All(listener.Packets.Zip(call.Publisher.Frames), pair => Assert.Equal(pair.Second, pair.First.Primary));
            AssertContinuous(listener.Packets);
        }
    }

    [Fact]
    public void Answer_and_offer_keep_the_order_that_was_asked_for()
    {
        using var call = new Call(seed: 73);

        Assert.Contains($"m=audio 9 UDP/TLS/RTP/SAVPF {RedundantPublisher.RedPayloadType} {RedundantPublisher.OpusPayloadType}\r\n", call.Publisher.Answer, StringComparison.Ordinal);
        Assert.Contains($"a=fmtp:{RedundantPublisher.RedPayloadType} {RedundantPublisher.OpusPayloadType}/{RedundantPublisher.OpusPayloadType}\r\n", call.Publisher.Answer, StringComparison.Ordinal);
        // Who answers in our order does not ask for redundancy to be sent.
        Assert.Contains("SAVPF 111 63\r\n", call.Plain.Offer, StringComparison.Ordinal);
    }

    [Fact]
    public void Lost_packet_is_made_again_from_the_one_behind_it()
    {
        using var call = new Call(seed: 74);
        call.SendRedundant(10);

        call.Publisher.LoseRedundant();
        call.SendRedundant(10);

        Assert.Equal(1, call.Conference.Engine.Counters.PacketsRestored);
        foreach (var listener in call.Listeners)
        {
            AssertContinuous(listener.Packets);
            Assert.All(listener.Packets.Zip(call.Publisher.Frames), pair => Assert.Equal(pair.Second, pair.First.Primary));
            Assert.Null(listener.Packets[10].Level);
        }
        // It was lost all the same, and the publisher's reports must say so; but nobody needs to send it again.
        var stream = call.ReadPublisher();
        Assert.Equal((1, 0), (stream.Lost, stream.Nacked));
    }

    [Fact]
    public void Only_the_last_of_two_lost_packets_can_be_made_again()
    {
        using var call = new Call(seed: 75);
        call.SendRedundant(10);

        call.Publisher.LoseRedundant();
        call.Publisher.LoseRedundant();
        call.SendRedundant(5);

        Assert.Equal(Enumerable.Range(0, 17).Where(frame => frame != 10), call.Plain.Frames);
        Assert.Equal(11, call.Plain.Packets.FindIndex(packet => packet.Frame == 12));
        Assert.Equal(2, (ushort)(call.Plain.Packets[10].SequenceNumber - call.Plain.Packets[9].SequenceNumber));
    }

    [Fact]
    public void Packet_that_was_only_late_is_not_sent_twice_and_is_not_counted_as_lost()
    {
        using var call = new Call(seed: 76);
        call.SendRedundant(10);
        var late = call.Hold(call.Publisher.SendRedundant);
        call.SendRedundant(1);
        var heard = call.Plain.Packets.Count;

        call.Conference.Inject(call.Publisher.Address, late);
        call.Pass();
        Assert.Equal(heard, call.Plain.Packets.Count);
        call.SendRedundant(5);

        Assert.Equal(1, call.Conference.Engine.Counters.PacketsRestored);
        Assert.Equal(1, call.Conference.Engine.Drops[DropReason.RtpDuplicate]);
        Assert.Equal(0, call.ReadPublisher().Lost);
        Assert.All(call.Listeners, listener => AssertContinuous(listener.Packets));
    }

    [Fact]
    public void Audio_that_comes_a_second_late_goes_to_nobody()
    {
        using var call = new Call(seed: 77);
        call.SendRedundant(10);
        var late = call.Hold(call.Publisher.SendPlain);
        for (var i = 0; i < 70; i++)
        {
            call.Publisher.SendPlain();
            call.Pass();
        }
        var heard = call.Plain.Packets.Count;

        call.Conference.Inject(call.Publisher.Address, late);
        call.Pass();

        Assert.Equal(heard, call.Plain.Packets.Count);
        Assert.Equal(1, call.Conference.Engine.Drops[DropReason.RtpDuplicate]);
    }

    [Fact]
    public void First_packet_after_a_pause_is_not_taken_for_the_one_that_was_lost()
    {
        using var call = new Call(seed: 78);
        call.SendRedundant(10);

        // The one that is lost begins to speak again; the block in the next one is just as old as it is, and newer than all before.
        call.Publisher.BeSilent(frames: 19);
        call.Publisher.LoseRedundant();
        call.SendRedundant(1);
        // What comes behind a pause repeats what was before it: nothing of what was lost.
        call.Publisher.LoseRedundant();
        call.Publisher.BeSilent(frames: 3);
        call.SendRedundant(1);

        Assert.Equal(1, call.Conference.Engine.Counters.PacketsRestored);
        Assert.Equal(call.Publisher.Frames[10], call.Plain.Packets[10].Primary);
        Assert.DoesNotContain(12, call.Plain.Frames);
        Assert.Contains(12, call.Redundant.Frames);
    }

    [Theory]
    [InlineData("", DropReason.RtpMalformedRedundancy)]
    [InlineData("ED0F03FF6D010203", DropReason.RtpMalformedRedundancy)]
    [InlineData("ED0F00", DropReason.RtpMalformedRedundancy)]
    [InlineData("ED000000ED000000ED000000ED000000ED000000ED000000ED000000ED0000006D01", DropReason.RtpMalformedRedundancy)]
    [InlineData("ED0F000160A1B1", DropReason.RtpUnknownPayloadType)]
    [InlineData("E00F00016DA1B1", DropReason.RtpUnknownPayloadType)]
    public void Malformed_redundancy_goes_no_further_and_is_counted(string hex, DropReason expected)
    {
        using var call = new Call(seed: 79);
        call.SendRedundant(5);

        call.Publisher.SendRaw(RedundantPublisher.RedPayloadType, Convert.FromHexString(hex));
        call.Pass();
        call.Publisher.SendPlain();
        call.Pass();

        Assert.Equal(1, call.Conference.Engine.Drops[expected]);
        Assert.All(call.Listeners, listener => Assert.Equal([0, 1, 2, 3, 4, 5], listener.Frames));
    }

    [Fact]
    public void Publisher_may_offer_its_audio_under_other_numbers_and_those_before_are_heard_while_they_are_on_their_way()
    {
        using var call = new Call(seed: 86);
        call.Audit();
        call.SendRedundant(5);

        call.Renegotiate(opus: 98, red: 99);
        call.SendRedundant(5);
        call.Publisher.SendPlain();
        call.Pass();
        call.Publisher.PayloadTypes = (98, 99);
        call.Publisher.SendPlain();
        call.Pass();
        call.Publisher.LoseRedundant();
        call.SendRedundant(5);

        Assert.Equal(1, call.Conference.Engine.Counters.PacketsRestored);
        Assert.Equal(0, call.Conference.Engine.Drops[DropReason.RtpUnknownPayloadType]);
        foreach (var listener in call.Listeners)
        {
            AssertContinuous(listener.Packets);
            Assert.All(listener.Packets.Zip(call.Publisher.Frames), pair => Assert.Equal(pair.Second, pair.First.Primary));
        }
    }

    [Fact]
    public void Number_of_the_codec_may_become_that_of_redundancy()
    {
        using var call = new Call(seed: 87);
        call.Audit();
        call.SendRedundant(5);

        call.Renegotiate(opus: 96, red: RedundantPublisher.OpusPayloadType);
        call.Publisher.PayloadTypes = (96, RedundantPublisher.OpusPayloadType);
        call.SendRedundant(2);
        call.Publisher.LoseRedundant();
        call.SendRedundant(1);
        // A block that would be a row of headers without end, were the packet made of it taken for a redundant one.
        call.Publisher.LoseRedundant();
        byte[] block = [.. Enumerable.Repeat((byte)0xFF, 40)];
        call.Publisher.SendRaw(RedundantPublisher.OpusPayloadType, [0x80 | 96, 0x0F, 0x00, (byte)block.Length, 96, .. block, 0, 0, 0, 3]);
        call.Pass();

        Assert.Equal(2, call.Conference.Engine.Counters.PacketsRestored);
        foreach (var listener in call.Listeners)
        {
            AssertContinuous(listener.Packets);
            Assert.Equal(block, listener.Packets[^2].Primary);
            Assert.False(listener.Packets[^2].IsRedundant);
        }
    }

    [Fact]
    public void Former_number_that_means_nothing_any_more_is_dropped_once_it_has_a_new_meaning()
    {
        using var call = new Call(seed: 88);
        call.SendRedundant(5);

        call.Renegotiate(opus: 96, red: RedundantPublisher.OpusPayloadType);
        // Plain Opus under its former number, which would now be redundancy.
        call.Publisher.SendRaw(RedundantPublisher.OpusPayloadType, [0xFF, 0xFF, 0xFF, 0xFF]);
        call.Pass();

        Assert.Equal(1, call.Conference.Engine.Drops[DropReason.RtpMalformedRedundancy]);
        Assert.All(call.Listeners, listener => Assert.Equal(5, listener.Packets.Count));
    }

    [Fact]
    public void Header_extension_may_get_another_id()
    {
        using var call = new Call(seed: 89);
        call.Audit();
        call.SendRedundant(5);

        call.Renegotiate(RedundantPublisher.OpusPayloadType, RedundantPublisher.RedPayloadType, offer => offer.Replace("a=extmap:1 ", "a=extmap:9 ", StringComparison.Ordinal));
        call.Publisher.LevelId = 9;
        call.SendRedundant(40);

        Assert.All(call.Listeners, listener => Assert.All(listener.Packets, packet => Assert.Equal(call.Publisher.Level, packet.Level)));
        Assert.True(call.Conference.Happenings<TalkingChanged>().Single().IsTalking);
    }

    [Fact]
    public void What_is_sent_again_is_what_was_sent_to_the_last_byte()
    {
        using var call = new Call(seed: 80);
        var audit = call.Audit();
        call.SendRedundant(10);
        call.Publisher.LoseRedundant();
        call.SendRedundant(10);
        var heard = call.Listeners.Select(listener => listener.Packets.ToList()).ToList();

        foreach (var listener in call.Listeners)
            listener.Nack([.. listener.Packets.Skip(8).Take(5).Select(packet => packet.SequenceNumber)]);
        var before = audit.Datagrams;
        call.Pass();

        Assert.Equal(10, call.Conference.Engine.Counters.PacketsForwarded - heard.Sum(packets => packets.Count));
        Assert.True(audit.Datagrams > before, "nothing was sent again");
        // The clients' SRTP has dropped what it had already.
        Assert.All(call.Listeners.Zip(heard), pair => Assert.Equal(pair.Second.Count, pair.First.Packets.Count));
        Assert.All(call.Listeners, listener => Assert.Equal(0, listener.Client.BadPackets));
    }

    [Theory]
    [InlineData(81)]
    [InlineData(82)]
    [InlineData(83)]
    public void Whatever_is_lost_on_the_way_in_every_frame_is_heard_whose_packet_or_next_packet_came(int seed)
    {
        using var call = new Call(seed);
        call.Audit();
        var random = new Random(seed);
        call.SendRedundant(5);
        var arrived = Enumerable.Repeat(true, 5).ToList();
        for (var i = 0; i < 1000; i++)
        {
            arrived.Add(random.NextDouble() > 0.1);
            if (arrived[^1])
                call.Publisher.SendRedundant();
            else
                call.Publisher.LoseRedundant();
            call.Pass();
        }
        call.SendRedundant(1);
        arrived.Add(true);

        var expected = Enumerable.Range(0, arrived.Count).Where(frame => arrived[frame] || arrived[frame + 1]);
        Assert.Equal(expected, call.Plain.Frames);
        Assert.Equal(expected, call.Redundant.Frames);
        Assert.InRange(call.Conference.Engine.Counters.PacketsRestored, 50, 150);
        // One number for each packet of the publisher, lost or not, and none of them twice.
        foreach (var listener in call.Listeners)
        {
            Assert.All(listener.Packets, packet => Assert.Equal((ushort)(listener.Packets[0].SequenceNumber + packet.Frame), packet.SequenceNumber));
            Assert.Distinct(listener.Packets.Select(packet => packet.Frame));
        }
    }

    [Fact]
    public void Silence_without_packets_is_no_loss_and_does_not_end_talking_at_once()
    {
        using var call = new Call(seed: 84);
        call.SendRedundant(30);
        Assert.True(call.Conference.Happenings<TalkingChanged>().Single().IsTalking);

        // A breath of 400 ms, ten times: browsers send a packet of comfort noise that often, plainly.
        for (var i = 0; i < 10; i++)
        {
            call.Publisher.BeSilent(frames: 19);
            call.Conference.Run(RedundantPublisher.FrameInterval * 19);
            call.Publisher.SendPlain();
            call.Pass();
            call.SendRedundant(10);
        }

        Assert.Single(call.Conference.Happenings<TalkingChanged>());
        Assert.Equal((0, 0), (call.ReadPublisher().Lost, call.ReadPublisher().Nacked));
        Assert.True(call.ReadPublisher().IsReceiving);
        foreach (var listener in call.Listeners)
        {
            Assert.Equal(call.Publisher.Frames.Count, listener.Packets.Count);
            Assert.All(Steps(listener.Packets), step => Assert.Equal(1, step.Numbers));
            // The gaps are those of the publisher: a receiver fills them with comfort noise.
            Assert.Equal(10, Steps(listener.Packets).Count(step => step.Ticks == 20 * RedundantPublisher.FrameTicks));
        }
    }

    [Fact]
    public void Forwarding_redundant_audio_allocates_nothing()
    {
        using var call = new Call(seed: 85);
        call.SendRedundant(30);
        var datagrams = new List<byte[]>();
        call.Conference.Network.Filter = (from, _, datagram) =>
        {
            if (from == call.Publisher.Address && DatagramDemux.Classify(datagram) == PacketKind.Rtp)
                datagrams.Add(datagram);
            return false;
        };
        while (datagrams.Count < 4000)
            call.Publisher.SendRedundant();
        // Every fifth is lost.
        var arriving = datagrams.Where((_, index) => index % 5 != 0).ToArray();
        call.Conference.DiscardTransmits = true;
        Handle(call.Conference, call.Publisher.Address, arriving.AsSpan(0, 2400));
        var forwarded = call.Conference.Engine.Counters.PacketsForwarded;
        var restored = call.Conference.Engine.Counters.PacketsRestored;

        var allocated = Allocations.OfEach(2400, arriving.Length, i => Handle(call.Conference, call.Publisher.Address, arriving.AsSpan(i, 1)));

        Assert.Equal(0, allocated);
        Assert.Equal(200, call.Conference.Engine.Counters.PacketsRestored - restored);
        Assert.Equal(2 * 1000, call.Conference.Engine.Counters.PacketsForwarded - forwarded);
    }

    private static void Handle(Conference conference, TransportAddress from, ReadOnlySpan<byte[]> datagrams)
    {
        foreach (var datagram in datagrams)
        {
            conference.Engine.HandleDatagram(from, datagram, conference.Now);
            conference.Engine.Flush(conference.Now);
        }
    }

    private static void AssertContinuous(List<HeardPacket> packets) =>
        Assert.All(Steps(packets), step => Assert.Equal((1, RedundantPublisher.FrameTicks), (step.Numbers, step.Ticks)));

    private static IEnumerable<(int Numbers, uint Ticks)> Steps(List<HeardPacket> packets) => packets.Zip(
        packets.Skip(1), (left, right) => ((int)(ushort)(right.SequenceNumber - left.SequenceNumber), right.Timestamp - left.Timestamp));

    /// <summary>One who speaks and two who listen.</summary>
    private sealed class Call : IDisposable
    {
        public Call(int seed)
        {
            Conference = new(seed);
            Conference.Join(1);
            Publisher = new(Conference, 1);
            Conference.RunUntil(() => Conference.Happenings<PublisherReady>().Any(), TimeSpan.FromSeconds(20), "the publisher is announced");
            Plain = new(Conference, 2, 1, takesRedundancy: false);
            Redundant = new(Conference, 3, 1, takesRedundancy: true);
        }

        public Conference Conference { get; }

        public RedundantPublisher Publisher { get; }

        public AudioListener Plain { get; }

        public AudioListener Redundant { get; }

        public AudioListener[] Listeners => [Plain, Redundant];

        /// <summary>The publisher offers the same audio under other payload types.</summary>
        public void Renegotiate(byte opus, byte red, Func<string, string>? change = null)
        {
            var offer = Publisher.OfferAs(opus, red);
            Network.Conference.Value(Conference.Engine.Publish(
                Network.Conference.RoomId, Network.Conference.Epoch, 1, Publisher.PeerId, change is null ? offer : change(offer), 0, Conference.Now));
        }

        public void SendRedundant(int frames)
        {
            for (var i = 0; i < frames; i++)
            {
                Publisher.SendRedundant();
                Pass();
            }
        }

        public void Pass()
        {
            Conference.Run(RedundantPublisher.FrameInterval);
            Plain.Receive();
            Redundant.Receive();
        }

        /// <summary>What the publisher sends is kept from the node.</summary>
        public byte[] Hold(Action send)
        {
            byte[]? held = null;
            Conference.Network.Filter = (from, _, datagram) =>
            {
                if (from != Publisher.Address || DatagramDemux.Classify(datagram) != PacketKind.Rtp)
                    return true;
                held = datagram;
                return false;
            };
            send();
            Conference.Network.Filter = null;
            Pass();
            return held!;
        }

        public WireAudit Audit()
        {
            var audit = new WireAudit();
            audit.Know(Publisher.Address, Publisher.Client);
            foreach (var listener in Listeners)
                audit.Know(listener.Address, listener.Client);
            Conference.Network.Filter = (from, to, datagram) =>
            {
                if (from == Conference.ServerAddress)
                    audit.Look(to, datagram);
                return true;
            };
            return audit;
        }

        public StreamStatistics ReadPublisher() => Conference.Engine.ReadStatistics([Publisher.PeerId], Conference.Now).Single().Streams.Single();

        public void Dispose() => Conference.Dispose();
    }
}
