using MediaNode.Core.Forwarding;
using MediaNode.Core.SimulationTests.Network;
using MediaNode.Core.SimulationTests.Scenarios;
using MediaNode.Core.SimulationTests.Sctp;

namespace MediaNode.Core.SimulationTests;

/// <summary>
/// A later description names another certificate, or other DTLS roles: the page has made its PeerConnection anew on the same handle, say. It needs another DTLS association
/// (RFC 8842 section 4), and the call goes on over that.
/// </summary>
public sealed class AssociationTests
{
    [Fact]
    public void Publisher_with_a_new_connection_is_seen_on_by_those_who_watch()
    {
        using var call = new Call(seed: 1);
        call.SendFrames(10);
        var former = call.Publisher.Client;
        var before = (Audio: call.Subscriber.Audio.Numbers.Count, Video: call.Subscriber.Video.Numbers.Count);

        call.Publisher.RecreateConnection();
        call.Conference.RunUntil(() => call.Publisher.Client.IsConnected && call.Connections(call.Publisher.PeerId) == 2, TimeSpan.FromSeconds(3), "it connects again");
        // The former one sends on for a while.
        former.SendRaw("anything"u8);
        call.SendFrames(10);

        Assert.Equal(before.Audio + 10, call.Subscriber.Audio.Numbers.Count);
        Assert.Equal(before.Video + 40, call.Subscriber.Video.Numbers.Count);
        Assert.Equal(call.Subscriber.Video.Span, call.Subscriber.Video.Numbers.Count);
        Assert.Empty(call.Conference.Happenings<PeerClosed>());
        Assert.Empty(call.Conference.Happenings<PublisherGone>());
        Assert.Equal(2, call.Conference.Happenings<PublisherReady>().Count());
    }

    /// <summary>A page may give all its connections one certificate: then the session of the offer tells them apart.</summary>
    [Fact]
    public void Publisher_with_a_new_connection_under_the_same_certificate_is_seen_on()
    {
        using var call = new Call(seed: 9);
        call.SendFrames(10);

        call.Publisher.RecreateConnection(withOtherCertificate: false);
        call.Conference.RunUntil(() => call.Publisher.Client.IsConnected && call.Connections(call.Publisher.PeerId) == 2, TimeSpan.FromSeconds(3), "it connects again");
        call.SendFrames(10);

        Assert.Equal(80, call.Subscriber.Video.Numbers.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Subscriber_with_a_new_connection_sees_on(bool restartsIce)
    {
        using var call = new Call(seed: 2);
        call.SendFrames(10);

        call.Subscriber.RecreateConnection(restartsIce);
        call.Audit();
        call.Conference.RunUntil(
            () => call.Subscriber.Client.IsConnected && call.Connections(call.Subscriber.PeerId) == 2, TimeSpan.FromSeconds(3), "it connects again");
        call.SendFrames(10);

        // The newest one of before, with which it begins, and those that followed.
        Assert.Equal(11, call.Subscriber.Audio.Numbers.Count);
        Assert.True(call.Subscriber.Video.Numbers.Count >= 36, $"only {call.Subscriber.Video.Numbers.Count} packets of video");
        Assert.Equal(call.Subscriber.Video.Span, call.Subscriber.Video.Numbers.Count);
        Assert.Equal(0, call.Subscriber.Client.BadPackets);
        Assert.Empty(call.Conference.Happenings<PeerClosed>());
    }

    /// <summary>A new SRTP receiver begins with a rollover count of zero.</summary>
    [Fact]
    public void Subscriber_with_a_new_connection_understands_streams_whose_numbers_had_come_round()
    {
        using var call = new Call(seed: 3);
        for (var frame = 0; frame < 1100; frame++)
        {
            call.Publisher.SendFrame(videoPackets: 60);
            call.Conference.Run(ForwardingTests.FrameInterval);
            call.Subscriber.Receive();
        }
        Assert.True(call.Subscriber.Video.Span > 65_536);

        call.Subscriber.RecreateConnection(restartsIce: true);
        call.Audit();
        call.Conference.RunUntil(
            () => call.Subscriber.Client.IsConnected && call.Connections(call.Subscriber.PeerId) == 2, TimeSpan.FromSeconds(3), "it connects again");
        call.SendFrames(10);

        Assert.Equal(0, call.Subscriber.Client.BadPackets);
        Assert.True(call.Subscriber.Video.Numbers.Count >= 36, $"only {call.Subscriber.Video.Numbers.Count} packets of video");
    }

    [Fact]
    public void Connection_that_is_made_anew_before_the_first_one_is_up_is_the_one_that_counts()
    {
        using var conference = new Conference(seed: 4);
        conference.Join(1);
        var publisher = new SimulatedPublisher(conference, 1) { KeyFrameFactor = 1 };
        conference.Run(TimeSpan.FromMilliseconds(12));
        Assert.False(publisher.Client.IsConnected);

        publisher.RecreateConnection();

        conference.RunUntil(() => publisher.Client.IsConnected && conference.Happenings<PublisherReady>().Any(), TimeSpan.FromSeconds(3), "the second one connects");
        Assert.Single(conference.Happenings<PeerConnected>());
        Assert.Empty(conference.Happenings<PeerClosed>());
    }

    [Fact]
    public void Certificate_that_was_announced_and_does_not_come_ends_the_peer_in_time()
    {
        using var call = new Call(seed: 5);
        var offer = call.Publisher.CreateOffer();
        var client = call.Conference.CreateClientWithOtherCertificate(out var address);
        var other = client.CreateOffer(new(new(new(1), null), null, [], HasData: false, "c", "s"));
        Network.Conference.Value(call.Conference.Engine.Publish(
            Network.Conference.RoomId, Network.Conference.Epoch, 1, call.Publisher.PeerId, WithFingerprintOf(offer, other), 0, call.Conference.Now));

        call.Conference.RunUntil(() => call.Conference.Happenings<PeerClosed>().Any(), TimeSpan.FromSeconds(61), "the peer is closed");

        Assert.Equal((call.Publisher.PeerId, "dtls-timeout"), call.Conference.Happenings<PeerClosed>().Select(closed => (closed.PeerId, closed.Reason)).Single());
        Assert.Contains(call.Conference.Happenings<PublisherGone>(), gone => gone.ParticipantId == 1);
    }

    [Fact]
    public void Client_that_wants_to_be_the_server_now_is_called_by_the_node()
    {
        using var call = new Call(seed: 6);
        call.SendFrames(5);

        call.Publisher.RecreateConnection(offer => offer.Replace("a=setup:actpass", "a=setup:passive", StringComparison.Ordinal), withOtherCertificate: false);
        call.Conference.RunUntil(() => call.Publisher.Client.IsConnected && call.Connections(call.Publisher.PeerId) == 2, TimeSpan.FromSeconds(5), "it connects again");
        var before = call.Subscriber.Video.Numbers.Count;
        call.SendFrames(5);

        Assert.Equal(before + 20, call.Subscriber.Video.Numbers.Count);
    }

    [Fact]
    public void Roles_stay_when_a_later_offer_leaves_the_choice()
    {
        using var call = new Call(seed: 7);
        call.Publisher.RecreateConnection(offer => offer.Replace("a=setup:actpass", "a=setup:passive", StringComparison.Ordinal));
        call.Conference.RunUntil(() => call.Publisher.Client.IsConnected && call.Connections(call.Publisher.PeerId) == 2, TimeSpan.FromSeconds(5), "it connects again");

        var answer = Network.Conference.Value(call.Conference.Engine.Publish(
            Network.Conference.RoomId, Network.Conference.Epoch, 1, call.Publisher.PeerId, call.Publisher.CreateOffer(), 0, call.Conference.Now)).SdpAnswer;
        call.SendFrames(5);

        Assert.Contains("a=setup:active", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("a=setup:passive", answer, StringComparison.Ordinal);
        Assert.Equal(2, call.Connections(call.Publisher.PeerId));
        Assert.Equal(20, call.Subscriber.Video.Numbers.Count);
    }

    [Fact]
    public void Data_channels_begin_anew_with_the_association()
    {
        using var conference = new Conference(seed: 8);
        var publisher = DataParticipant.Publish(conference, 1);
        var subscriber = DataParticipant.Subscribe(conference, 2, wait: true, 1);
        publisher.Send("chat", "before");
        conference.Run(TimeSpan.FromSeconds(1));

        publisher.RecreateConnection(1);
        conference.Run(TimeSpan.FromSeconds(1));
        // Nobody has a channel of the kind any more, so the one that was opened for it is closed.
        Assert.Empty(subscriber.Client.ChannelLabels);
        publisher.Send("chat", "between");
        conference.Run(TimeSpan.FromSeconds(1));
        subscriber.Receive();
        Assert.Equal(["before", "between"], subscriber.Texts);

        subscriber.AnswerAnew();
        conference.RunUntil(() => subscriber.Client.HasDataChannels, TimeSpan.FromSeconds(5), "the subscriber's channels are up again");
        publisher.Send("chat", "after");
        conference.Run(TimeSpan.FromSeconds(1));
        subscriber.Receive();
        Assert.Equal(["before", "between", "after"], subscriber.Texts);
    }

    private static string WithFingerprintOf(string offer, string other)
    {
        var theirs = other.Split("\r\n").First(line => line.StartsWith("a=fingerprint", StringComparison.Ordinal));
        return string.Join("\r\n", offer.Split("\r\n").Select(line => line.StartsWith("a=fingerprint", StringComparison.Ordinal) ? theirs : line));
    }

    /// <summary>One who publishes and one who watches; everything that goes out is audited.</summary>
    private sealed class Call : IDisposable
    {
        private readonly WireAudit _audit = new();

        public Call(int seed)
        {
            Conference = new(seed);
            Publisher = ForwardingTests.Connect(Conference, 1, keyFrameFactor: 1);
            Subscriber = ForwardingTests.Watch(Conference, 2, Publisher);
            Audit();
        }

        public Conference Conference { get; }

        public SimulatedPublisher Publisher { get; }

        public SimulatedSubscriber Subscriber { get; }

        /// <summary>From now on of those clients that there are now. New keys may protect anything: each is audited for itself.</summary>
        public void Audit()
        {
            _audit.Know(Publisher.Address, Publisher.Client);
            _audit.Know(Subscriber.Address, Subscriber.Client);
            Conference.Network.Filter = (from, to, datagram) =>
            {
                if (from == Network.Conference.ServerAddress && (to == Publisher.Address || to == Subscriber.Address))
                {
                    _audit.Know(Publisher.Address, Publisher.Client);
                    _audit.Look(to, datagram);
                }
                return true;
            };
        }

        public int Connections(ulong peerId) => Conference.Happenings<PeerConnected>().Count(connected => connected.PeerId == peerId);

        public void SendFrames(int count)
        {
            for (var frame = 0; frame < count; frame++)
                ForwardingTests.SendAndReceive(Conference, Publisher, Subscriber);
        }

        public void Dispose() => Conference.Dispose();
    }
}
