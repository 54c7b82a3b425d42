using System.Runtime.CompilerServices;
using MediaNode.Core.Forwarding;
using MediaNode.Core.Rtcp;
using MediaNode.Core.SimulationTests.Network;

namespace MediaNode.Core.SimulationTests;

/// <summary>What a mistake of ours costs: one session, wherever it shows. The invariants are broken by hand.</summary>
public sealed class ContainmentTests
{
    [Fact]
    public void Track_that_cannot_be_forwarded_costs_its_publisher_the_session_and_the_rest_of_the_batch_goes_out()
    {
        using var conference = new Conference(seed: 1) { ExpectsFaults = true };
        var (broken, sound) = (ForwardingTests.Connect(conference, 1, keyFrameFactor: 1), ForwardingTests.Connect(conference, 2, keyFrameFactor: 1));
        var subscriber = ForwardingTests.Watch(conference, 3, broken);
        var others = ForwardingTests.Watch(conference, 4, sound);
        BreakHeaders(conference, subscriber.PeerId);

        // In one batch, the broken track first.
        broken.SendFrame();
        sound.SendFrame();
        conference.Run(TimeSpan.FromMilliseconds(20));
        others.Receive();

        Assert.Equal(sound.Video.PacketsSent, others.Video.Numbers.Count);
        Assert.Equal(sound.Audio.PacketsSent, others.Audio.Numbers.Count);
        AssertOnlyClosed(conference, broken.PeerId);
        Assert.Contains(conference.Happenings<PublisherGone>(), gone => gone.ParticipantId == broken.User);
        Assert.True(subscriber.Client.IsConnected);

        var again = new SimulatedPublisher(conference, broken.User);
        conference.RunUntil(() => again.Client.IsConnected, TimeSpan.FromSeconds(5), "it publishes again");
        var watching = ForwardingTests.Watch(conference, 5, again);
        ForwardingTests.SendAndReceive(conference, again, watching);
        Assert.NotEmpty(watching.Video.Numbers);
    }

    [Fact]
    public void Peer_whose_timer_trips_is_closed_and_the_timers_of_others_run_on()
    {
        using var conference = new Conference(seed: 2) { ExpectsFaults = true };
        var publisher = ForwardingTests.Connect(conference, 1, keyFrameFactor: 1);
        var broken = ForwardingTests.Watch(conference, 2, publisher);
        var sound = ForwardingTests.Watch(conference, 3, publisher);
        // Its reports go over the tracks.
        SubscriberOf(conference, broken.PeerId).DownTracks.Add(null!);

        conference.RunUntil(() => conference.Faults.Count > 0, TimeSpan.FromSeconds(2), "the report is due");

        AssertOnlyClosed(conference, broken.PeerId);
        ForwardingTests.SendAndReceive(conference, publisher, sound);
        conference.Run(TimeSpan.FromSeconds(2));
        Assert.NotEmpty(sound.Video.Numbers);
        Assert.Equal(1, conference.Engine.Counters.SessionsFailed);
    }

    [Fact]
    public void Peer_whose_datagram_trips_is_closed_and_its_publisher_goes_on()
    {
        using var conference = new Conference(seed: 3) { ExpectsFaults = true };
        var publisher = ForwardingTests.Connect(conference, 1, keyFrameFactor: 1);
        var broken = ForwardingTests.Watch(conference, 2, publisher);
        var sound = ForwardingTests.Watch(conference, 3, publisher);
        ForwardingTests.SendAndReceive(conference, publisher, broken);
        BreakHeaders(conference, broken.PeerId);

        var nack = new byte[64];
        var writer = new RtcpWriter(nack);
        writer.WriteNack(new(new(9), broken.Video.Ssrc), [broken.Video.HighestSequenceNumber]);
        broken.Client.SendControl(nack.AsSpan(0, writer.Length));
        conference.Run(TimeSpan.FromMilliseconds(20));

        AssertOnlyClosed(conference, broken.PeerId);
        ForwardingTests.SendAndReceive(conference, publisher, sound);
        Assert.NotEmpty(sound.Video.Numbers);
    }

    [Fact]
    public void Faults_that_nobody_takes_are_counted_and_not_kept()
    {
        var counters = new MediaCounters();
        var faults = new SessionFaults(counters);

        for (var i = 0; i < 10_000; i++)
            faults.Contain(null, new InvalidOperationException(), Time.Instant.FromSeconds(1));

        var kept = 0;
        while (faults.TryTake(out _))
            kept++;
        Assert.InRange(kept, 1, 100);
        Assert.Equal(10_000, counters.SessionsFailed);
    }

    private static void AssertOnlyClosed(Conference conference, ulong peerId)
    {
        conference.Drain();
        Assert.Equal(peerId, Assert.Single(conference.Faults).PeerId);
        Assert.Equal(Conference.RoomId, conference.Faults[0].RoomId);
        Assert.Equal(1, conference.Engine.Counters.SessionsFailed);
        var closed = Assert.Single(conference.Happenings<PeerClosed>());
        Assert.Equal((peerId, "internal-error"), (closed.PeerId, closed.Reason));
    }

    /// <summary>No header can be written for the subscriber any more.</summary>
    private static void BreakHeaders(Conference conference, ulong peerId)
    {
        foreach (var track in SubscriberOf(conference, peerId).DownTracks)
            track.Accept(track.Parameters with { Extensions = null! });
    }

    private static SubscriberPeer SubscriberOf(Conference conference, ulong peerId) => (SubscriberPeer)ContextOf(conference.Engine).Peers.ById(peerId)!;

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_context")]
    private static extern ref EngineContext ContextOf(MediaEngine engine);
}
