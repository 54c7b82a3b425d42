using MediaNode.Core.Forwarding;
using MediaNode.Core.Net;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.SimulationTests.Network;

namespace MediaNode.Core.SimulationTests;

/// <summary>Clients whose addresses change, whose ICE restarts, and who fall silent.</summary>
public sealed class AddressTests
{
    [Theory]
    [MemberData(nameof(Seeds.Three), MemberType = typeof(Seeds))]
    public void Subscriber_on_another_network_is_served_within_a_second_of_its_check(int seed)
    {
        using var conference = new Conference(seed);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        Exchange(conference, publisher, subscriber, frames: 20);

        conference.Move(subscriber.Client);
        subscriber.Client.CheckNow(conference.Now);
        var before = subscriber.Audio.Numbers.Count;
        var frames = 0;
        while (subscriber.Audio.Numbers.Count == before && ++frames < 50)
            ForwardingTests.SendAndReceive(conference, publisher, subscriber);

        Assert.True(frames * ForwardingTests.FrameInterval < TimeSpan.FromSeconds(1), $"media came back after {frames} frames");
        AssertUnbroken(conference, publisher, subscriber);
    }

    [Theory]
    [MemberData(nameof(Seeds.Three), MemberType = typeof(Seeds))]
    public void Subscriber_restarts_ice_on_another_network_and_its_stream_goes_on(int seed)
    {
        using var conference = new Conference(seed);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        Exchange(conference, publisher, subscriber, frames: 20);
        var before = subscriber.Client.RemoteUfrag;

        var offer = Conference.Value(conference.Engine.UpdateSubscription(
            Conference.RoomId, Conference.Epoch, subscriber.PeerId, [], [], restartsIce: true, conference.Now)).SdpOffer!;
        // Offer and answer travel for a while, and the pair in use goes on meanwhile, consent included.
        Exchange(conference, publisher, subscriber, frames: 2000);
        Assert.Equal(publisher.Audio.PacketsSent, subscriber.Audio.Numbers.Count);
        conference.Move(subscriber.Client);
        var answer = subscriber.Client.AnswerOffer(offer, conference.Now);
        Conference.Value(conference.Engine.Answer(Conference.RoomId, Conference.Epoch, subscriber.PeerId, answer, conference.Now));

        conference.Run(TimeSpan.FromMilliseconds(100));
        Assert.NotEqual(before, subscriber.Client.RemoteUfrag);
        AssertUnbroken(conference, publisher, subscriber);
        Assert.Empty(conference.Happenings<PeerClosed>());
        // The new credentials carry consent from now on.
        conference.Run(TimeSpan.FromMinutes(1));
        AssertUnbroken(conference, publisher, subscriber);
    }

    [Theory]
    [MemberData(nameof(Seeds.Three), MemberType = typeof(Seeds))]
    public void Publisher_restarts_ice_on_another_network_and_its_stream_goes_on(int seed)
    {
        using var conference = new Conference(seed);
        // Wraps soon: rollover counters must survive too.
        var publisher = ForwardingTests.Connect(conference, 1, firstSequence: 65_500);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        Exchange(conference, publisher, subscriber, frames: 60);

        var offer = publisher.CreateRestartOffer();
        var answer = Conference.Value(conference.Engine.Publish(
            Conference.RoomId, Conference.Epoch, 1, publisher.PeerId, offer, 0, conference.Now)).SdpAnswer;
        Exchange(conference, publisher, subscriber, frames: 2000);
        Assert.Equal(publisher.Audio.PacketsSent, subscriber.Audio.Numbers.Count);
        conference.Move(publisher.Client);
        publisher.Client.AcceptAnswer(answer, conference.Now);

        conference.Run(TimeSpan.FromMilliseconds(100));
        AssertUnbroken(conference, publisher, subscriber);
        conference.Run(TimeSpan.FromMinutes(1));
        AssertUnbroken(conference, publisher, subscriber);
        Assert.Empty(conference.Happenings<PeerClosed>());
        Assert.Equal(0, conference.Engine.Drops[DropReason.SrtpAuthentication]);
    }

    [Fact]
    public void Restart_whose_offer_is_lost_costs_nothing()
    {
        using var conference = new Conference(seed: 3);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);

        for (var i = 0; i < 3; i++)
        {
            Conference.Value(conference.Engine.UpdateSubscription(
                Conference.RoomId, Conference.Epoch, subscriber.PeerId, [], [], restartsIce: true, conference.Now));
        }
        conference.Run(TimeSpan.FromMinutes(2));

        AssertUnbroken(conference, publisher, subscriber);
    }

    [Fact]
    public void Subscriber_that_loses_its_connection_goes_on_by_its_other_address()
    {
        using var conference = new Conference(seed: 4);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        var other = subscriber.Address;
        var connection = conference.Move(subscriber.Client);
        subscriber.Client.CheckNow(conference.Now);
        conference.Run(TimeSpan.FromSeconds(1));
        AssertUnbroken(conference, publisher, subscriber);

        var buffer = new byte[64];
        var writer = new RtcpWriter(buffer);
        writer.WriteReceiverBandwidth(new(99), Bitrate.FromKilobits(20_000), []);
        subscriber.Client.SendControl(buffer.AsSpan(0, writer.Length));
        conference.Run(TimeSpan.FromMilliseconds(100));
        Assert.NotNull(Estimate());
        conference.MoveTo(subscriber.Client, other);
        conference.Engine.HandleConnectionLost(connection, conference.Now);

        // What the connection carried says nothing of the other way.
        Assert.Null(Estimate());
        AssertUnbroken(conference, publisher, subscriber);

        Bitrate? Estimate() => conference.Engine.ReadStatistics([subscriber.PeerId], conference.Now).Single().Estimate;
    }

    [Fact]
    public void Media_stops_within_a_second_of_the_end_of_consent_and_not_before()
    {
        using var conference = new Conference(seed: 5);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        Exchange(conference, publisher, subscriber, frames: 20);
        var lastCheck = conference.Now;
        var lastMedia = conference.Now;
        conference.Network.Filter = (from, to, datagram) =>
        {
            var isMedia = DatagramDemux.Classify(datagram) is PacketKind.Rtp or PacketKind.Rtcp;
            if (to == subscriber.Address && isMedia)
                lastMedia = conference.Now;
            // The subscriber takes everything and gives nothing back, as an address that was taken over would.
            return from != subscriber.Address;
        };

        while (conference.Now - lastCheck < TimeSpan.FromSeconds(40))
        {
            publisher.SendFrame();
            conference.Run(ForwardingTests.FrameInterval);
        }

        Assert.InRange((lastMedia - lastCheck).TotalSeconds, 27, 31);
        Assert.Equal("ice-timeout", conference.Happenings<PeerClosed>().Single().Reason);
    }

    [Fact]
    public void Checks_without_nomination_from_elsewhere_do_not_move_media()
    {
        using var conference = new Conference(seed: 6);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        var elsewhere = TransportAddress.FromIPv4(0xC6336464, 6666);
        var diverted = 0;
        subscriber.Client.Nominates = false;
        conference.Network.Filter = (from, to, datagram) =>
        {
            // Whatever the client checks with comes from another source as well.
            if (from == subscriber.Address && DatagramDemux.Classify(datagram) == PacketKind.Stun)
                conference.Inject(elsewhere, datagram);
            diverted += to == elsewhere && DatagramDemux.Classify(datagram) == PacketKind.Rtp ? 1 : 0;
            return true;
        };

        Exchange(conference, publisher, subscriber, frames: 1000);

        Assert.Equal(0, diverted);
        Assert.Equal(publisher.Audio.PacketsSent, subscriber.Audio.Numbers.Count);
    }

    /// <summary>Firefox' checks for consent do not nominate, and a NAT that forgets a client tells neither side.</summary>
    [Theory]
    [MemberData(nameof(Seeds.Three), MemberType = typeof(Seeds))]
    public void Client_that_nominates_no_more_is_served_within_a_second_where_its_packets_come_from(int seed)
    {
        using var conference = new Conference(seed);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        Exchange(conference, publisher, subscriber, frames: 20);
        publisher.Client.Nominates = subscriber.Client.Nominates = false;

        var publisherAddress = conference.Move(publisher.Client);
        var toPublisher = 0;
        conference.Network.Filter = (_, to, datagram) =>
        {
            toPublisher += to == publisherAddress && DatagramDemux.Classify(datagram) == PacketKind.Rtcp ? 1 : 0;
            return true;
        };
        conference.Move(subscriber.Client);
        publisher.Client.CheckNow(conference.Now);
        subscriber.Client.CheckNow(conference.Now);
        var before = subscriber.Audio.Numbers.Count;
        var frames = 0;
        while ((subscriber.Audio.Numbers.Count == before || toPublisher == 0) && ++frames < 50)
        {
            subscriber.Client.SendControl(ReceiverReport());
            ForwardingTests.SendAndReceive(conference, publisher, subscriber);
        }

        Assert.True(frames * ForwardingTests.FrameInterval < TimeSpan.FromSeconds(1), $"media came back after {frames} frames");
        AssertUnbroken(conference, publisher, subscriber);
    }

    [Fact]
    public void Packets_repeated_or_held_back_by_somebody_do_not_move_media()
    {
        using var conference = new Conference(seed: 7);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        Exchange(conference, publisher, subscriber, frames: 20);
        var elsewhere = TransportAddress.FromIPv4(0xC6336464, 6666);
        subscriber.Client.Nominates = false;
        var captured = new List<byte[]>();
        var held = 0;
        var diverted = 0;
        conference.Network.Filter = (from, to, datagram) =>
        {
            diverted += to == elsewhere && DatagramDemux.Classify(datagram) == PacketKind.Rtp ? 1 : 0;
            if (from != subscriber.Address)
                return true;
            captured.Add([.. datagram]);
            // Every third report never arrives from where it was sent.
            return DatagramDemux.Classify(datagram) != PacketKind.Rtcp || ++held % 3 != 0;
        };

        for (var i = 0; i < 500; i++)
        {
            // What was sent from the right address meanwhile arrives first.
            List<byte[]> former = [.. captured];
            captured.Clear();
            subscriber.Client.SendControl(ReceiverReport());
            ForwardingTests.SendAndReceive(conference, publisher, subscriber);
            former.ForEach(datagram => conference.Inject(elsewhere, datagram));
        }

        Assert.Equal(0, diverted);
        Assert.Equal(publisher.Audio.PacketsSent, subscriber.Audio.Numbers.Count);
    }

    /// <summary>One who only listens to audio may report every few seconds only, and has nothing else to say.</summary>
    [Theory]
    [MemberData(nameof(Seeds.Three), MemberType = typeof(Seeds))]
    public void Client_that_moves_without_a_word_is_served_within_a_second_of_its_check(int seed)
    {
        using var conference = new Conference(seed);
        conference.Network.Conditions = PathConditions.Perfect with { Delay = TimeSpan.FromMilliseconds(40) };
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        Exchange(conference, publisher, subscriber, frames: 60);
        subscriber.Client.Nominates = false;

        conference.Move(subscriber.Client);
        subscriber.Client.CheckNow(conference.Now);
        var before = subscriber.Audio.Numbers.Count;
        var moved = conference.Now;
        while (subscriber.Audio.Numbers.Count == before && conference.Now - moved < TimeSpan.FromSeconds(20))
        {
            publisher.SendFrame();
            conference.Run(ForwardingTests.FrameInterval);
            subscriber.Receive();
        }

        Assert.InRange(conference.Now - moved, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        AssertUnbroken(conference, publisher, subscriber);
    }

    /// <summary>An insider knows his own password, and can write any source into a datagram: that must not aim his subscription at somebody else.</summary>
    [Fact]
    public void Nomination_forged_from_somebody_elses_address_brings_him_no_media()
    {
        using var conference = new Conference(seed: 8);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        Exchange(conference, publisher, subscriber, frames: 20);
        var (forged, diverted) = ForgeSource(conference, subscriber.Address);

        Exchange(conference, publisher, subscriber, frames: 1000);

        Assert.True(forged() > 1000);
        Assert.Equal(0, diverted().Media);
        // An answer for each, and five checks of ours, of which a full agent may send seven (RFC 8489 section 6.2.1).
        Assert.InRange(diverted().Stun, 1, 6 * forged());
        Assert.Equal(publisher.Audio.PacketsSent, subscriber.Audio.Numbers.Count);
    }

    [Fact]
    public void Client_that_never_answers_aims_no_more_at_an_address_than_three_times_what_comes_from_there()
    {
        using var conference = new Conference(seed: 9);
        var publisher = ForwardingTests.Connect(conference, 1);
        conference.Join(2);
        var subscriber = new SimulatedSubscriber(conference, 2, publisher.User);
        subscriber.Client.AnswersChecks = false;
        conference.RunUntil(() => conference.Happenings<PeerConnected>().Count() == 2, TimeSpan.FromSeconds(20), "the subscriber connects");
        Exchange(conference, publisher, subscriber, frames: 100);
        // The handshake has proved the first address, answers or not.
        Assert.Equal(publisher.Audio.PacketsSent, subscriber.Audio.Numbers.Count);
        var (forged, diverted) = ForgeSource(conference, subscriber.Address);

        Exchange(conference, publisher, subscriber, frames: 1000);

        Assert.True(conference.Engine.Drops[DropReason.PathUnproven] > 1000);
        Assert.InRange(diverted().Media, 1, 3 * forged());
    }

    [Fact]
    public void Client_that_never_answers_is_served_elsewhere_within_what_it_sends()
    {
        using var conference = new Conference(seed: 10);
        conference.Join(1);
        var publisher = new SimulatedPublisher(conference, 1);
        publisher.Client.AnswersChecks = false;
        conference.RunUntil(() => conference.Happenings<PublisherReady>().Any(), TimeSpan.FromSeconds(20), "the publisher connects");
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        Exchange(conference, publisher, subscriber, frames: 20);

        var elsewhere = conference.Move(publisher.Client);
        var control = 0;
        conference.Network.Filter = (_, to, datagram) =>
        {
            control += to == elsewhere && DatagramDemux.Classify(datagram) == PacketKind.Rtcp ? 1 : 0;
            return true;
        };
        publisher.Client.CheckNow(conference.Now);
        Exchange(conference, publisher, subscriber, frames: 150);

        // Feedback to one who sends is small.
        Assert.InRange(control, 5, int.MaxValue);
        Assert.Equal(0, conference.Engine.Drops[DropReason.PathUnproven]);
    }

    /// <summary>Whoever gets the first half of a handshake can complete it, and could have forged a nomination in between.</summary>
    [Fact]
    public void Handshake_of_which_a_part_went_elsewhere_proves_no_address()
    {
        using var conference = new Conference(seed: 11);
        var publisher = ForwardingTests.Connect(conference, 1);
        conference.Join(2);
        var subscriber = new SimulatedSubscriber(conference, 2, publisher.User);
        subscriber.Client.AnswersChecks = false;
        var victim = TransportAddress.FromIPv4(0xC6336464, 6666);
        byte[]? check = null;
        var (diverted, forged) = (0L, 0L);
        conference.Network.Filter = (from, to, datagram) =>
        {
            var kind = DatagramDemux.Classify(datagram);
            if (from == subscriber.Address && kind == PacketKind.Stun)
                check = datagram;
            if (to == subscriber.Address && kind == PacketKind.Dtls && check is not null)
            {
                conference.Inject(victim, [.. check]);
                forged += check.Length;
            }
            diverted += to == victim && kind is PacketKind.Rtp or PacketKind.Rtcp ? datagram.Length : 0;
            return true;
        };
        conference.RunUntil(() => conference.Happenings<PeerConnected>().Count() == 2, TimeSpan.FromSeconds(20), "the node takes the handshake for complete");

        for (var frame = 0; frame < 60; frame++)
        {
            publisher.SendFrame();
            conference.Run(ForwardingTests.FrameInterval);
        }

        Assert.InRange(diverted, 0, 3 * forged);
        Assert.True(conference.Engine.Drops[DropReason.PathUnproven] > 0);
    }

    /// <summary>The client's checks come from somebody else's address too, right behind the real ones and with USE-CANDIDATE.</summary>
    /// <returns>Bytes that came from there, and bytes that went there.</returns>
    private static (Func<long> Forged, Func<(long Media, long Stun)> Diverted) ForgeSource(Conference conference, TransportAddress client)
    {
        var victim = TransportAddress.FromIPv4(0xC6336464, 6666);
        var (forged, media, stun) = (0L, 0L, 0L);
        conference.Network.Filter = (from, to, datagram) =>
        {
            var isStun = DatagramDemux.Classify(datagram) == PacketKind.Stun;
            if (from == client && isStun)
            {
                conference.Network.Send(victim, to, datagram, conference.Now + TimeSpan.FromMilliseconds(1));
                forged += datagram.Length;
            }
            if (to == victim)
                (media, stun) = isStun ? (media, stun + datagram.Length) : (media + datagram.Length, stun);
            return true;
        };
        return (() => forged, () => (media, stun));
    }

    private static byte[] ReceiverReport()
    {
        var buffer = new byte[64];
        var writer = new RtcpWriter(buffer);
        writer.WriteReceiverReport(new(99), []);
        writer.WriteSourceDescription(new(99), "client"u8);
        return buffer[..writer.Length];
    }

    private static void Exchange(Conference conference, SimulatedPublisher publisher, SimulatedSubscriber subscriber, int frames)
    {
        for (var i = 0; i < frames; i++)
            ForwardingTests.SendAndReceive(conference, publisher, subscriber);
    }

    /// <summary>Nothing is lost, sent twice, or unreadable: SRTP's and RTP's counters are where they were.</summary>
    private static void AssertUnbroken(Conference conference, SimulatedPublisher publisher, SimulatedSubscriber subscriber)
    {
        var sent = publisher.Audio.PacketsSent;
        var received = subscriber.Audio.Numbers.Count;
        Exchange(conference, publisher, subscriber, frames: 50);
        Assert.Equal(publisher.Audio.PacketsSent - sent, subscriber.Audio.Numbers.Count - received);
        Assert.Equal(0, subscriber.Audio.Duplicates);
        Assert.Equal(0, subscriber.Client.BadPackets);
        Assert.Equal(0, publisher.Client.BadPackets);
    }
}
