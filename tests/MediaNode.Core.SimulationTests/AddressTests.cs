using MediaNode.Core.Forwarding;
using MediaNode.Core.Net;
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

        conference.MoveTo(subscriber.Client, other);
        conference.Engine.HandleConnectionLost(connection);

        AssertUnbroken(conference, publisher, subscriber);
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
