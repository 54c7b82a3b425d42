using MediaNode.Core.Forwarding;
using MediaNode.Core.SimulationTests.Network;

namespace MediaNode.Core.SimulationTests;

public sealed class SessionTests
{
    [Fact]
    public void Publisher_is_announced_when_its_handshake_is_done_and_not_before()
    {
        using var conference = new Conference(seed: 1);
        conference.Join(1);
        conference.Join(2, instance: "instance-b");
        var publisher = new SimulatedPublisher(conference, 1);
        conference.Drain();
        Assert.Empty(conference.Happenings<PublisherReady>());

        conference.RunUntil(
            () => publisher.Client.IsConnected && conference.Happenings<PublisherReady>().Any(), TimeSpan.FromSeconds(2), "the publisher is announced");

        var announced = conference.Events.Single(roomEvent => roomEvent.Happening is PublisherReady);
        Assert.Equal(["instance-a", "instance-b"], announced.Instances.Order());
        Assert.Equal(["opus", "vp8"], ((PublisherReady)announced.Happening).Publisher.Streams.Select(stream => stream.Codec));
    }

    /// <summary>Clients that only answer handshakes: hardware, and some libraries.</summary>
    [Fact]
    public void Client_that_offers_to_be_the_dtls_server_is_met_by_the_node_as_client()
    {
        using var conference = new Conference(seed: 8);
        conference.Join(1);
        var client = conference.CreateClient(out var address);
        var hellos = 0;
        conference.Network.Filter = (from, to, datagram) =>
        {
            // A handshake record whose message is a client hello (RFC 5246 section 7.4).
            hellos += to == address && datagram[0] == 22 && datagram[13] == 1 ? 1 : 0;
            return true;
        };
        var offer = client.CreateOffer(new(new(new(11), null), null, [], HasData: false, "c", "s")).Replace("a=setup:actpass", "a=setup:passive", StringComparison.Ordinal);
        var answer = Conference.Value(conference.Engine.Publish(Conference.RoomId, Conference.Epoch, 1, conference.NextPeerId(), offer, 0, conference.Now)).SdpAnswer;
        Assert.Contains("a=setup:active", answer, StringComparison.Ordinal);

        client.AcceptAnswer(answer, conference.Now);
        conference.RunUntil(() => client.IsConnected && conference.Happenings<PublisherReady>().Any(), TimeSpan.FromSeconds(2), "they connect");

        Assert.True(hellos > 0);
        var header = new byte[12];
        (header[0], header[1], header[11]) = (0x80, client.Media.Single().Codec!.PayloadType.Value, 11);
        client.SendPacket(header, new byte[40], index: 0);
        conference.Run(TimeSpan.FromMilliseconds(100));
        Assert.Equal(1, conference.Engine.Counters.PacketsReceived);
    }

    [Fact]
    public void Handshake_is_noticed_while_it_lasts_and_consent_checks_later_are_not()
    {
        using var conference = new Conference(seed: 16);
        var start = conference.Now;
        ForwardingTests.Connect(conference, 1);
        Assert.True(conference.Engine.LastHandshakeStep > start && conference.Engine.LastHandshakeStep <= conference.Now);

        var last = conference.Engine.LastHandshakeStep;
        conference.Run(TimeSpan.FromSeconds(20));

        Assert.Equal(last, conference.Engine.LastHandshakeStep);
    }

    [Fact]
    public void Leaving_closes_the_peers_and_says_so_in_order()
    {
        using var conference = new Conference(seed: 2);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);

        Conference.Value(conference.Engine.Leave(Conference.RoomId, Conference.Epoch, 1, null, conference.Now));
        conference.Run(TimeSpan.FromSeconds(1));

        var happenings = conference.Events.Select(roomEvent => roomEvent.Happening).ToList();
        var gone = happenings.FindIndex(happening => happening is PublisherGone { ParticipantId: 1 });
        var left = happenings.FindIndex(happening => happening is ParticipantLeft { ParticipantId: 1, Reason: "left" });
        Assert.True(gone >= 0 && left > gone);
        Assert.True(publisher.Client.IsClosed, "close_notify reaches the client");
        Assert.False(subscriber.Client.IsClosed);
        Assert.Equal(conference.Events.Select(roomEvent => roomEvent.Sequence), Enumerable.Range(1, conference.Events.Count).Select(number => (ulong)number));
    }

    [Fact]
    public void Joining_again_replaces_the_ghost()
    {
        using var conference = new Conference(seed: 3);
        var ghost = ForwardingTests.Connect(conference, 1);
        conference.Join(2);

        var joined = conference.Join(1, instance: "instance-b");
        conference.Run(TimeSpan.FromSeconds(1));

        Assert.Empty(joined.Publishers);
        Assert.Contains(conference.Happenings<ParticipantLeft>(), left => left is { ParticipantId: 1, Reason: "replaced", Instance: "instance-a" });
        Assert.True(ghost.Client.IsClosed);
        Assert.Equal(2, Conference.Value(conference.Engine.ListParticipants(Conference.RoomId, Conference.Epoch)).Count);
    }

    [Fact]
    public void Full_room_refuses_the_next_participant_but_not_a_ghosts_return()
    {
        using var conference = new Conference(seed: 4);
        conference.Join(1, maximum: 2);
        conference.Join(2, maximum: 2);

        var refused = conference.Engine.Join(Conference.RoomId, Conference.Epoch, 3, "three", "instance-a", new(2, 0), conference.Now);

        Assert.Equal(CommandFailureKind.LimitReached, refused.Failure?.Kind);
        conference.Join(2, maximum: 2);
    }

    [Fact]
    public void Commands_of_an_older_epoch_are_refused_and_a_newer_one_starts_the_room_afresh()
    {
        using var conference = new Conference(seed: 5);
        conference.Join(1);
        var limits = new RoomLimits(0, 0);

        Conference.Value(conference.Engine.Join(Conference.RoomId, 2, 2, "two", "instance-a", limits, conference.Now));
        conference.Drain();

        Assert.Contains(conference.Happenings<RoomClosed>(), closed => closed.Reason == "reassigned");
        var stale = conference.Engine.Join(Conference.RoomId, 1, 3, "three", "instance-a", limits, conference.Now);
        Assert.Equal(CommandFailureKind.StaleEpoch, stale.Failure?.Kind);
        Assert.Equal([2UL], Conference.Value(conference.Engine.ListParticipants(Conference.RoomId, 2)).Select(participant => participant.Id));
    }

    [Fact]
    public void Client_that_vanishes_is_closed_when_its_consent_expires()
    {
        using var conference = new Conference(seed: 6);
        var publisher = ForwardingTests.Connect(conference, 1);
        conference.Unplug(publisher.Client);
        var start = conference.Now;

        conference.RunUntil(() => conference.Happenings<PeerClosed>().Any(), TimeSpan.FromSeconds(60), "the peer is closed");

        Assert.InRange((conference.Now - start).TotalSeconds, 27, 31);
        Assert.Equal("ice-timeout", conference.Happenings<PeerClosed>().Single().Reason);
        Assert.Contains(conference.Happenings<PublisherGone>(), gone => gone.ParticipantId == 1);
        Assert.Equal(0, conference.Engine.PeerCount);
    }

    [Fact]
    public void Empty_room_is_closed_after_its_time()
    {
        using var conference = new Conference(seed: 7);
        conference.Join(1);
        Conference.Value(conference.Engine.Leave(Conference.RoomId, Conference.Epoch, 1, null, conference.Now));

        conference.Run(TimeSpan.FromSeconds(8));
        Assert.Empty(conference.Happenings<RoomClosed>());
        conference.Run(TimeSpan.FromSeconds(4));

        var closed = conference.Events.Single(roomEvent => roomEvent.Happening is RoomClosed);
        Assert.Equal(new RoomClosed("empty"), closed.Happening);
        Assert.Equal(["instance-a"], closed.Instances);
        Assert.Equal(Time.Instant.Never, conference.Engine.NextTimeout);
    }

    [Fact]
    public void Call_survives_a_change_of_the_publishers_address()
    {
        using var conference = new Conference(seed: 8);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        ForwardingTests.SendAndReceive(conference, publisher, subscriber);

        conference.Move(publisher.Client);
        // The next consent check, at most 2.5 s away, comes from the new address and proves it.
        conference.Run(TimeSpan.FromSeconds(3));
        var before = subscriber.Audio.Numbers.Count;
        ForwardingTests.SendAndReceive(conference, publisher, subscriber);

        Assert.Equal(before + 1, subscriber.Audio.Numbers.Count);
    }

    [Fact]
    public void Orphans_of_a_lost_instance_go_unless_their_media_runs()
    {
        using var conference = new Conference(seed: 9);
        ForwardingTests.Connect(conference, 1);
        conference.Join(2);
        conference.Join(3, instance: "instance-b");

        var (removed, remaining) = conference.Engine.RemoveOrphans("instance-a", conference.Now);

        Assert.Equal(1, removed);
        Assert.Equal(1, remaining);
        Assert.Equal([1UL, 3UL], Conference.Value(conference.Engine.ListParticipants(Conference.RoomId, Conference.Epoch)).Select(participant => participant.Id).Order());
    }
}
