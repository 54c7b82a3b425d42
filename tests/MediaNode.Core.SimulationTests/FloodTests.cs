using System.Buffers.Binary;
using MediaNode.Core.Dtls;
using MediaNode.Core.Forwarding;
using MediaNode.Core.Net;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.SimulationTests.Network;
using MediaNode.Core.Stun;
using MediaNode.TestPeer;

namespace MediaNode.Core.SimulationTests;

/// <summary>Much of what nobody asked for: it takes no memory, gets no answer that is worth anything to an attacker, and disturbs nobody.</summary>
public sealed class FloodTests
{
    private const int Strangers = 50_000;

    [Fact]
    public void Hellos_of_fifty_thousand_strangers_allocate_nothing_and_are_not_answered()
    {
        using var conference = new Conference(seed: 1);
        using var attacker = new DtlsTransport(conference.ClientDtls, DtlsRole.Client, [], conference.Now);
        attacker.Start(conference.Now);
        var hello = new byte[1500];
        Assert.True(attacker.TryTakeTransmit(hello, out var length));

        AssertFloodIsFree(conference, hello.AsSpan(0, length).ToArray());

        Assert.Equal(2 * Strangers, conference.Engine.Drops[DropReason.DtlsBeforeCheck]);
        AssertJoinTakesLessThanASecond(conference);
    }

    [Fact]
    public void Checks_of_fifty_thousand_strangers_who_know_the_user_but_not_the_password_allocate_nothing_and_are_not_answered()
    {
        using var conference = new Conference(seed: 2);
        var publisher = ForwardingTests.Connect(conference, 1);
        var check = Check(publisher.Client.RemoteUfrag!, "wrong"u8);

        AssertFloodIsFree(conference, check);

        Assert.Equal(2 * Strangers, conference.Engine.Drops[DropReason.StunIntegrity]);
        AssertJoinTakesLessThanASecond(conference);
    }

    [Fact]
    public void Indications_are_neither_answered_nor_counted_as_faults()
    {
        using var conference = new Conference(seed: 3);
        var indication = new byte[StunMessageWriter.RecommendedBufferSize];
        var writer = new StunMessageWriter(indication, StunMethod.Binding, StunClass.Indication, new(1, 2));
        writer.WriteFingerprint();

        AssertFloodIsFree(conference, indication[..writer.Length]);

        Assert.Equal(0, conference.Engine.Drops[DropReason.StunUnexpected] + conference.Engine.Drops[DropReason.StunMalformed]);
    }

    /// <summary>Whoever has the password of one peer can have as many addresses as the limit says, and no more.</summary>
    [Fact]
    public void Ten_thousand_addresses_of_one_peer_are_held_up_to_the_limit()
    {
        using var conference = new Conference(seed: 4);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        byte[]? check = null;
        conference.Network.Filter = (from, _, datagram) =>
        {
            if (from == publisher.Address && DatagramDemux.Classify(datagram) == PacketKind.Stun)
                check = datagram;
            return true;
        };
        publisher.Client.Nominates = false;
        publisher.Client.CheckNow(conference.Now);
        conference.RunUntil(() => check is not null, TimeSpan.FromSeconds(5), "the client checks");

        for (var i = 0; i < 10_000; i++)
            conference.Engine.HandleDatagram(Stranger(i), (byte[])check!.Clone(), conference.Now);
        var before = conference.Engine.Drops[DropReason.UnknownAddress];
        for (var i = 0; i < 10_000; i++)
            conference.Engine.HandleDatagram(Stranger(i), new byte[] { 0x80, 111, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0 }, conference.Now);

        Assert.InRange(conference.Engine.Drops[DropReason.UnknownAddress] - before, 10_000 - Ice.ValidatedAddresses.Maximum, 10_000);
        conference.DiscardTransmits = true;
        conference.Drain();
        conference.DiscardTransmits = false;
        ForwardingTests.SendAndReceive(conference, publisher, subscriber);
        Assert.Equal(publisher.Audio.PacketsSent, subscriber.Audio.Numbers.Count);
    }

    [Fact]
    public void Storm_of_nacks_makes_the_node_send_no_more_than_half_of_the_stream_again()
    {
        using var conference = new Conference(seed: 5);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        for (var frame = 0; frame < 30; frame++)
            ForwardingTests.SendAndReceive(conference, publisher, subscriber);
        long bytes = 0;
        conference.Network.Filter = (_, to, datagram) =>
        {
            bytes += to == subscriber.Address && DatagramDemux.Classify(datagram) == PacketKind.Rtp ? datagram.Length : 0;
            return true;
        };

        var sent = conference.Engine.Counters.BytesForwarded;
        for (var frame = 0; frame < 300; frame++)
        {
            for (var i = 0; i < 20; i++)
                subscriber.Client.SendControl(Nack(subscriber));
            ForwardingTests.SendAndReceive(conference, publisher, subscriber);
        }

        var stream = conference.Engine.Counters.BytesForwarded - sent;
        Assert.InRange(bytes, stream, stream * 1.5 + ResendAllowance.MaximumBytes);
        Assert.True(conference.Engine.Drops[DropReason.NackTooOften] > 1000);
        Assert.Equal(publisher.Audio.PacketsSent, subscriber.Audio.Numbers.Count);
    }

    [Fact]
    public void Publisher_that_sends_thousands_of_sources_gains_nothing_and_keeps_its_own()
    {
        using var conference = new Conference(seed: 6);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        ForwardingTests.SendAndReceive(conference, publisher, subscriber);
        var forwarded = conference.Engine.Counters.PacketsForwarded;

        for (var i = 0; i < 5000; i++)
            publisher.Client.SendPacket(Header(publisher.Video.PayloadType.Value, (uint)(1_000_000 + i)), new byte[100], index: 1);
        conference.Run(TimeSpan.FromMilliseconds(100));

        // The first few claim the one video, up to the limit; none of them gets it.
        Assert.True(conference.Engine.Drops[DropReason.SrtpTooManySources] > 4900);
        Assert.Equal(5000, conference.Engine.Drops[DropReason.SrtpTooManySources] + conference.Engine.Drops[DropReason.RtpUnprovenSource]);
        Assert.Equal(forwarded, conference.Engine.Counters.PacketsForwarded);
        ForwardingTests.SendAndReceive(conference, publisher, subscriber);
        Assert.Equal(publisher.Audio.PacketsSent, subscriber.Audio.Numbers.Count);
        Assert.Equal(publisher.Video.PacketsSent, subscriber.Video.Numbers.Count);
    }

    [Fact]
    public void Payload_types_that_were_not_negotiated_are_dropped_and_forwarded_to_nobody()
    {
        using var conference = new Conference(seed: 7);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        ForwardingTests.SendAndReceive(conference, publisher, subscriber);
        var forwarded = conference.Engine.Counters.PacketsForwarded;

        for (var i = 0; i < 100; i++)
        {
            // Its own source under another payload type, and a source that nothing is known of.
            publisher.Client.SendPacket(Header(77, publisher.Video.Ssrc.Value, (ushort)(1000 + i)), new byte[100], index: (ulong)(1000 + i));
            publisher.Client.SendPacket(Header(77, 4711, (ushort)i), new byte[100], index: (ulong)i);
        }
        conference.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(100, conference.Engine.Drops[DropReason.RtpUnknownSource]);
        Assert.Equal(100, conference.Engine.Drops[DropReason.RtpUnknownPayloadType]);
        Assert.Equal(forwarded, conference.Engine.Counters.PacketsForwarded);
    }

    [Fact]
    public void Longest_lists_that_rtcp_can_hold_are_taken_for_what_they_say()
    {
        using var conference = new Conference(seed: 9);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        for (var frame = 0; frame < 30; frame++)
            ForwardingTests.SendAndReceive(conference, publisher, subscriber);
        var resent = conference.Engine.Counters.PacketsResent;
        var buffer = new byte[1200];

        // All that REMB can name, with the one that is there among them.
        var sources = Enumerable.Range(1000, RtcpWriter.MaximumBandwidthSources - 1).Select(i => new Ssrc((uint)i)).Append(subscriber.Video.Ssrc).ToArray();
        var writer = new RtcpWriter(buffer);
        writer.WriteReceiverBandwidth(new(99), Bitrate.FromKilobits(20_000), sources);
        subscriber.Client.SendControl(buffer.AsSpan(0, writer.Length));
        // Ten thousand numbers, those that were sent first, in as few datagrams as hold them.
        var first = subscriber.Video.HighestSequenceNumber - subscriber.Video.Span + 1;
        var messages = 0;
        foreach (var numbers in Enumerable.Range(0, 10_000).Select(i => (ushort)(first + i)).Chunk(4800))
        {
            writer = new(buffer);
            writer.WriteNack(new(new(99), subscriber.Video.Ssrc), numbers);
            subscriber.Client.SendControl(buffer.AsSpan(0, writer.Length));
            messages++;
        }
        conference.Run(TimeSpan.FromMilliseconds(200));
        subscriber.Receive();

        var statistics = conference.Engine.ReadStatistics([subscriber.PeerId], conference.Now).Single();
        Assert.Equal(Bitrate.FromKilobits(20_000).BitsPerSecond, statistics.Estimate!.Value.BitsPerSecond, tolerance: 100_000d);
        var video = statistics.Subscriptions.Single(subscription => subscription.Kind == MediaKind.Video);
        Assert.Equal(messages * NackView.MaximumLost, video.Nacked);
        Assert.Equal(messages, conference.Engine.Drops[DropReason.NackTooLong]);
        // What was sent, once each, and no more.
        Assert.InRange(conference.Engine.Counters.PacketsResent - resent, 50, publisher.Video.PacketsSent);
        Assert.InRange(conference.Engine.Drops[DropReason.NackNotInHistory], 1, video.Nacked);
        ForwardingTests.SendAndReceive(conference, publisher, subscriber);
        Assert.Equal(publisher.Video.PacketsSent, subscriber.Video.Numbers.Count);
    }

    /// <summary>Whoever may join as often as he likes must not hold all of the node's handshakes, and an office behind one address must not notice the limit.</summary>
    [Fact]
    public void Handshakes_that_are_never_finished_are_held_up_to_the_limit_of_their_address()
    {
        using var conference = new Conference(seed: 8);
        for (var i = 0; i <= HandshakesInProgress.MaximumPerOrigin; i++)
            Begin((ulong)(100 + i), TransportAddress.FromIPv4(0xC6336464, (ushort)(1000 + i)));
        // They answer checks, and take nothing else.
        conference.Network.Filter = (_, to, datagram) => to.IPv4Value != 0xC6336464 || DatagramDemux.Classify(datagram) == PacketKind.Stun;

        conference.Run(TimeSpan.FromSeconds(3));
        Assert.InRange(conference.Engine.Drops[DropReason.DtlsTooManyHandshakes], 1, 20);
        AssertJoinTakesLessThanASecond(conference);

        // The address is free again when they are given up.
        conference.Run(DtlsTransport.HandshakeLimit);
        conference.Network.Filter = null;
        var latecomer = Begin(99, TransportAddress.FromIPv4(0xC6336464, 999));
        conference.RunUntil(() => latecomer.Client.IsConnected, TimeSpan.FromSeconds(1), "the next one connects");

        SimulatedPublisher Begin(ulong user, TransportAddress address)
        {
            conference.Join(user);
            var publisher = new SimulatedPublisher(conference, user);
            conference.MoveTo(publisher.Client, address);
            return publisher;
        }
    }

    private static void AssertFloodIsFree(Conference conference, byte[] datagram)
    {
        var answered = conference.Network.Sent;
        var scratch = new byte[datagram.Length];
        for (var i = 0; i < Strangers; i++)
            Strike(i);
        var allocated = Allocations.OfEach(0, Strangers, Strike);
        conference.Drain();

        Assert.Equal(0, allocated);
        Assert.Equal(answered, conference.Network.Sent);

        void Strike(int stranger)
        {
            datagram.CopyTo(scratch, 0);
            conference.Engine.HandleDatagram(Stranger(stranger), scratch, conference.Now);
        }
    }

    private static void AssertJoinTakesLessThanASecond(Conference conference)
    {
        var start = conference.Now;
        ForwardingTests.Connect(conference, 9);
        Assert.True(conference.Now - start < TimeSpan.FromSeconds(1));
    }

    private static TransportAddress Stranger(int number) => TransportAddress.FromIPv4(0x0A00_0000 + (uint)number, 6666);

    private static byte[] Check(string ufrag, ReadOnlySpan<byte> password)
    {
        var buffer = new byte[StunMessageWriter.RecommendedBufferSize];
        return buffer[..BindingMessages.WriteRequest(buffer, new(1, 2), new(ufrag, "abcd", 1, true, 1, true), password)];
    }

    /// <summary>As many of the last packets as are taken from one message.</summary>
    private static byte[] Nack(SimulatedSubscriber subscriber)
    {
        var lost = Enumerable.Range(1, NackView.MaximumLost).Select(back => (ushort)(subscriber.Video.HighestSequenceNumber - NackView.MaximumLost + back)).ToArray();
        var buffer = new byte[TransmitBatch.MaximumControl];
        var writer = new RtcpWriter(buffer);
        writer.WriteNack(new(new(9), subscriber.Video.Ssrc), lost);
        return buffer[..writer.Length];
    }

    private static byte[] Header(int payloadType, uint ssrc, ushort sequenceNumber = 1)
    {
        var header = new byte[12];
        (header[0], header[1]) = (0x80, (byte)payloadType);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), sequenceNumber);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(8), ssrc);
        return header;
    }
}
