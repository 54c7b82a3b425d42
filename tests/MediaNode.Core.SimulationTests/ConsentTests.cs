using MediaNode.Core.Forwarding;
using MediaNode.Core.Ice;
using MediaNode.Core.Net;
using MediaNode.Core.Rtp;
using MediaNode.Core.SimulationTests.Network;
using MediaNode.Core.Stun;

namespace MediaNode.Core.SimulationTests;

/// <summary>The node asks clients for their consent to be sent to (RFC 7675), and learns from the answers how far away they are.</summary>
public sealed class ConsentTests
{
    [Fact]
    public void Consent_is_asked_for_every_five_seconds_or_so()
    {
        using var conference = new Conference(seed: 1);
        var publisher = ForwardingTests.Connect(conference, 1);
        conference.Run(TimeSpan.FromSeconds(1));
        var before = publisher.Client.ReceivedChecks;
        var checks = new List<TimeSpan>();
        var last = conference.Now;
        conference.Network.Filter = (_, to, datagram) =>
        {
            if (to == publisher.Address && IsRequest(datagram))
            {
                checks.Add(conference.Now - last);
                last = conference.Now;
            }
            return true;
        };

        conference.Run(TimeSpan.FromHours(1));

        Assert.InRange(publisher.Client.ReceivedChecks - before, 3600 / 6, 3600 / 4);
        Assert.All(checks.Skip(1), interval => Assert.InRange(interval.TotalSeconds, 4, 6.1));
        Assert.True(checks.Max() - checks.Min() > TimeSpan.FromSeconds(1.5), "checks of all peers would come together");
        Assert.Empty(conference.Happenings<PeerClosed>());
    }

    [Fact]
    public void Client_that_answers_no_more_is_sent_nothing_after_thirty_seconds_though_its_own_checks_go_on()
    {
        using var conference = new Conference(seed: 2);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        ForwardingTests.SendAndReceive(conference, publisher, subscriber);
        var lastAnswer = conference.Now;
        conference.Network.Filter = (from, _, datagram) =>
        {
            if (from == subscriber.Address && DatagramDemux.Classify(datagram) == PacketKind.Stun && !IsRequest(datagram))
                lastAnswer = conference.Now;
            return true;
        };
        conference.Run(TimeSpan.FromSeconds(20));

        subscriber.Client.AnswersChecks = false;
        conference.RunUntil(() => conference.Happenings<PeerClosed>().Any(), TimeSpan.FromSeconds(60), "consent ends");

        Assert.InRange(conference.Now - lastAnswer, IceLiteAgent.ConsentTimeout, IceLiteAgent.ConsentTimeout + TimeSpan.FromSeconds(1));
        Assert.Equal("ice-timeout", conference.Happenings<PeerClosed>().Single().Reason);
        Assert.True(publisher.Client.IsConnected);
    }

    [Fact]
    public void Client_that_never_answers_stays_while_its_own_checks_come()
    {
        using var conference = new Conference(seed: 3);
        conference.Join(1);
        var publisher = new SimulatedPublisher(conference, 1);
        publisher.Client.AnswersChecks = false;
        conference.Run(TimeSpan.FromMinutes(5));

        Assert.True(publisher.Client.IsConnected);
        Assert.Empty(conference.Happenings<PeerClosed>());
        Assert.InRange(publisher.Client.ReceivedChecks, 300 / 6, 300 / 4 + 10);

        conference.Unplug(publisher.Client);
        conference.RunUntil(() => conference.Happenings<PeerClosed>().Any(), TimeSpan.FromSeconds(31), "its silence ends it");
    }

    [Theory]
    [MemberData(nameof(Seeds.Three), MemberType = typeof(Seeds))]
    public void Consent_lasts_though_a_fifth_of_all_packets_is_lost_each_way(int seed)
    {
        using var conference = new Conference(seed);
        var publisher = ForwardingTests.Connect(conference, 1);
        conference.Network.Conditions = PathConditions.Perfect with { Loss = 0.2 };

        conference.Run(TimeSpan.FromHours(10));

        Assert.Empty(conference.Happenings<PeerClosed>());
    }

    [Fact]
    public void Answer_that_forbids_ends_consent_at_once()
    {
        using var conference = new Conference(seed: 4);
        var publisher = ForwardingTests.Connect(conference, 1);
        publisher.Client.ForbidsMedia = true;

        conference.RunUntil(() => conference.Happenings<PeerClosed>().Any(), TimeSpan.FromSeconds(7), "the client is believed");

        Assert.Equal("ice-timeout", conference.Happenings<PeerClosed>().Single().Reason);
    }

    [Fact]
    public void Answers_of_strangers_count_for_nothing()
    {
        using var conference = new Conference(seed: 5);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        ForwardingTests.SendAndReceive(conference, publisher, subscriber);
        subscriber.Client.AnswersChecks = false;
        var forged = new byte[StunMessageWriter.RecommendedBufferSize];
        conference.Network.Filter = (_, to, datagram) =>
        {
            // Somebody sees the check and can send from anywhere, but knows no password.
            if (to == subscriber.Address && IsRequest(datagram) && StunMessageView.TryParse(datagram, out var check, out var _))
                conference.Inject(subscriber.Address, forged[..BindingMessages.WriteSuccess(forged, check.TransactionId, to, "a guess at the password"u8)]);
            return true;
        };

        conference.RunUntil(() => conference.Happenings<PeerClosed>().Any(), TimeSpan.FromSeconds(40), "consent ends");

        Assert.True(conference.Engine.Drops[DropReason.StunUnexpected] > 0);
    }

    /// <summary>Before the round trip was known, a packet lost over such a path was asked for six times until it came.</summary>
    [Fact]
    public void Packet_lost_far_away_is_asked_for_once_per_round_trip()
    {
        using var conference = new Conference(seed: 6);
        conference.Network.Conditions = PathConditions.Perfect with { Delay = TimeSpan.FromMilliseconds(150) };
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        for (var frame = 0; frame < 90; frame++)
            ForwardingTests.SendAndReceive(conference, publisher, subscriber);
        var isLost = false;
        conference.Network.Filter = (from, _, datagram) =>
        {
            var loses = !isLost && from == publisher.Address && DatagramDemux.Classify(datagram) == PacketKind.Rtp && datagram.Length > 1000;
            isLost |= loses;
            return !loses;
        };
        ForwardingTests.SendAndReceive(conference, publisher, subscriber);
        for (var turn = 0; turn < 1000; turn++)
        {
            while (publisher.Client.TryTakeControl(out var compound))
                publisher.Video.HandleControl(publisher.Client, compound);
            conference.Run(TimeSpan.FromMilliseconds(2));
            subscriber.Receive();
        }

        var statistics = conference.Engine.ReadStatistics([publisher.PeerId, subscriber.PeerId], conference.Now);
        Assert.All(statistics, peer => Assert.InRange(peer.RoundTrip!.Value.TotalMilliseconds, 299, 310));
        var video = statistics[0].Streams.Single(stream => stream.Kind == MediaKind.Video);
        Assert.Equal((1, 0), (video.Nacked, video.Lost));
        Assert.Equal(publisher.Video.PacketsSent, subscriber.Video.Numbers.Count);
    }

    private static bool IsRequest(byte[] datagram) =>
        DatagramDemux.Classify(datagram) == PacketKind.Stun && StunMessageView.TryParse(datagram, out var message, out _) && message.Class == StunClass.Request;
}
