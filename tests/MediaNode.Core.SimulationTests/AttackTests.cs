using MediaNode.Core.Dtls;
using MediaNode.Core.Forwarding;
using MediaNode.Core.Net;
using MediaNode.Core.SimulationTests.Network;
using MediaNode.Core.Stun;

namespace MediaNode.Core.SimulationTests;

public sealed class AttackTests
{
    private static readonly TransportAddress Attacker = TransportAddress.FromIPv4(0xC6336464, 6666);

    [Fact]
    public void Media_from_an_address_without_a_check_is_counted_and_forwarded_to_nobody()
    {
        using var conference = new Conference(seed: 1);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        var received = conference.Engine.Counters.PacketsReceived;

        for (var i = 0; i < 100; i++)
            conference.Inject(Attacker, [0x80, 96, 0, (byte)i, 0, 0, 0, 0, 0, 0, 0, 12, .. new byte[100]]);
        conference.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(100, conference.Engine.Drops[DropReason.UnknownAddress]);
        Assert.Equal(received, conference.Engine.Counters.PacketsReceived);
        ForwardingTests.SendAndReceive(conference, publisher, subscriber);
        Assert.NotEmpty(subscriber.Audio.Numbers);
    }

    [Fact]
    public void Forged_packets_from_the_publishers_own_address_never_end_the_session()
    {
        using var conference = new Conference(seed: 2);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);

        for (var i = 0; i < 1000; i++)
            conference.Inject(publisher.Address, [0x80, 96, (byte)(i >> 8), (byte)i, 0, 0, 0, 0, 0, 0, 0, 12, .. new byte[100]]);
        conference.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(1000, conference.Engine.Drops[DropReason.SrtpAuthentication]);

        ForwardingTests.SendAndReceive(conference, publisher, subscriber);
        Assert.Equal(publisher.Audio.PacketsSent, subscriber.Audio.Numbers.Count);
        Assert.Equal(publisher.Video.PacketsSent, subscriber.Video.Numbers.Count);
    }

    /// <summary>Somebody who can send from both clients' addresses, and knows neither keys nor passwords.</summary>
    [Fact]
    public void Forged_packets_for_an_hour_neither_end_a_call_nor_get_into_it()
    {
        using var conference = new Conference(seed: 8);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        ForwardingTests.SendAndReceive(conference, publisher, subscriber);
        var random = new Random(8);
        var check = new byte[StunMessageWriter.RecommendedBufferSize];
        const int seconds = 3600;
        for (var second = 0; second < seconds; second++)
        {
            foreach (var source in (TransportAddress[])[publisher.Address, subscriber.Address])
            {
                var noise = new byte[random.Next(20, 200)];
                random.NextBytes(noise);
                conference.Inject(source, [0x80, 96, .. BitConverter.GetBytes((ushort)second), 0, 0, 0, 0, .. BitConverter.GetBytes(publisher.Video.Ssrc.Value), .. noise]);
                conference.Inject(source, [0x80, 203, 0, 1, .. noise]);
                conference.Inject(source, [(byte)random.Next(20, 64), 0xFE, 0xFD, 0, (byte)random.Next(3), .. noise]);
                conference.Inject(source, [22, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 0, 1, 0, (byte)noise.Length, .. noise]);
                var length = BindingMessages.WriteRequest(check, new(2, (ulong)second), new(publisher.Client.RemoteUfrag!, "bbbb", 1, true, 1, true), "a guess"u8);
                conference.Inject(source, check[..length]);
                length = BindingMessages.WriteSuccess(check, new(3, (ulong)second), source, "a guess"u8);
                conference.Inject(source, check[..length]);
            }
            publisher.SendFrame(videoPackets: 1);
            conference.Run(TimeSpan.FromSeconds(1));
            subscriber.Receive();
        }

        Assert.Empty(conference.Happenings<PeerClosed>());
        Assert.Equal(seconds + 1, subscriber.Audio.Numbers.Count);
        Assert.Equal(publisher.Video.PacketsSent, subscriber.Video.Numbers.Count);
        Assert.Equal(0, subscriber.Client.BadPackets + publisher.Client.BadPackets);
        Assert.True(conference.Engine.Drops[DropReason.SrtpAuthentication] >= seconds);
        Assert.True(conference.Engine.Drops[DropReason.StunIntegrity] + conference.Engine.Drops[DropReason.StunUnexpected] >= 2 * seconds);
    }

    [Fact]
    public void Client_with_another_certificate_than_its_offer_names_is_refused()
    {
        using var conference = new Conference(seed: 3);
        using var other = DtlsCertificate.CreateSelfSigned();
        conference.Join(1);
        var client = conference.CreateClient(out _);
        var offer = client.CreateOffer(new(new(new(1), null), null, [], HasData: false, "c", "s"))
            .Replace(conference.ClientCertificate.Sha256Fingerprint, other.Sha256Fingerprint, StringComparison.Ordinal);
        var published = Conference.Value(conference.Engine.Publish(Conference.RoomId, Conference.Epoch, 1, 1, offer, 0, conference.Now));
        client.AcceptAnswer(published.SdpAnswer, conference.Now);

        conference.RunUntil(() => conference.Happenings<PeerClosed>().Any(), TimeSpan.FromSeconds(5), "the peer is refused");

        Assert.Equal("fingerprint", conference.Happenings<PeerClosed>().Single().Reason);
        Assert.Empty(conference.Happenings<PublisherReady>());
        Assert.Equal(0, conference.Engine.PeerCount);
    }

    [Fact]
    public void Hello_of_a_stranger_does_not_disturb_a_handshake()
    {
        using var conference = new Conference(seed: 4);
        using var attacker = new DtlsTransport(conference.ClientDtls, DtlsRole.Client, [], conference.Now);
        attacker.Start(conference.Now);
        var hello = new byte[1500];
        Assert.True(attacker.TryTakeTransmit(hello, out var length));
        conference.Join(1);
        var publisher = new SimulatedPublisher(conference, 1);

        // Before, during and after the real handshake.
        for (var i = 0; i < 20; i++)
        {
            conference.Inject(Attacker, hello[..length]);
            conference.Run(TimeSpan.FromMilliseconds(10));
        }

        Assert.True(publisher.Client.IsConnected);
        Assert.Equal(20, conference.Engine.Drops[DropReason.DtlsBeforeCheck]);
    }

    [Fact]
    public void Checks_with_a_wrong_password_or_user_are_not_answered()
    {
        using var conference = new Conference(seed: 5);
        ForwardingTests.Connect(conference, 1);
        var answers = 0;
        conference.Network.Filter = (_, to, _) =>
        {
            answers += to == Attacker ? 1 : 0;
            return true;
        };
        var buffer = new byte[StunMessageWriter.RecommendedBufferSize];
        for (var i = 0; i < 10; i++)
        {
            var length = BindingMessages.WriteRequest(buffer, new(1, (ulong)i), new("AAAAAAAA", "bbbb", 1, true, 1, false), "wrong"u8);
            conference.Inject(Attacker, buffer[..length]);
        }
        conference.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(10, conference.Engine.Drops[DropReason.StunUnknownUser]);
        Assert.Equal(0, answers);
    }

    [Theory]
    [InlineData("")]
    [InlineData("this is no SDP")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n")]
    public void Unusable_offer_is_refused_with_a_reason_and_leaves_nothing_behind(string sdp)
    {
        using var conference = new Conference(seed: 6);
        conference.Join(1);

        var result = conference.Engine.Publish(Conference.RoomId, Conference.Epoch, 1, 1, sdp, 0, conference.Now);

        Assert.Equal(CommandFailureKind.Invalid, result.Failure?.Kind);
        Assert.StartsWith("SDP offer: ", result.Failure!.Message, StringComparison.Ordinal);
        Assert.Equal(0, conference.Engine.PeerCount);
        Assert.False(Conference.Value(conference.Engine.ListParticipants(Conference.RoomId, Conference.Epoch)).Single().Publishing);
    }

    [Fact]
    public void Offer_without_a_fingerprint_is_refused_by_name()
    {
        using var conference = new Conference(seed: 7);
        conference.Join(1);
        var client = conference.CreateClient(out _);
        var offer = string.Join("\r\n", client.CreateOffer(new(new(new(1), null), null, [], HasData: false, "c", "s"))
            .Split("\r\n").Where(line => !line.StartsWith("a=fingerprint", StringComparison.Ordinal)));

        var result = conference.Engine.Publish(Conference.RoomId, Conference.Epoch, 1, 1, offer, 0, conference.Now);

        Assert.Contains("fingerprint", result.Failure!.Message, StringComparison.Ordinal);
        Assert.Equal(0, conference.Engine.PeerCount);
    }
}
