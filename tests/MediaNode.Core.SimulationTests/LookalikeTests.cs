using MediaNode.Core.Forwarding;
using MediaNode.Core.Net;
using MediaNode.Core.SimulationTests.Network;

namespace MediaNode.Core.SimulationTests;

/// <summary>Clients that choose, by chance or on purpose, what others have chosen. All of them come to one port.</summary>
public sealed class LookalikeTests
{
    private const int Frames = 20;

    [Fact]
    public void Clients_with_the_same_ice_credentials_are_told_apart_by_those_of_the_node()
    {
        using var conference = new Conference(seed: 1) { ClientsAreTwins = true };
        var publisher = ForwardingTests.Connect(conference, 1);
        var first = ForwardingTests.Watch(conference, 2, publisher);
        var second = ForwardingTests.Watch(conference, 3, publisher);

        for (var frame = 0; frame < Frames; frame++)
        {
            ForwardingTests.SendAndReceive(conference, publisher, first);
            second.Receive();
        }

        Assert.All([first, second], subscriber => Assert.Equal(Frames, subscriber.Audio.Numbers.Count));
        Assert.Empty(conference.Happenings<PeerClosed>());
    }

    /// <summary>An insider forges checks of his own call from somebody else's address: what comes from there would be taken for his.</summary>
    [Fact]
    public void Check_forged_from_the_address_of_another_takes_nothing_from_it()
    {
        using var conference = new Conference(seed: 2);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        var insider = ForwardingTests.Watch(conference, 3, publisher);
        byte[]? check = null;
        conference.Network.Filter = (from, _, datagram) =>
        {
            if (from == insider.Address && DatagramDemux.Classify(datagram) == PacketKind.Stun)
                check = [.. datagram];
            return true;
        };
        conference.RunUntil(() => check is not null, TimeSpan.FromSeconds(5), "the insider checks");

        for (var frame = 0; frame < 300; frame++)
        {
            conference.Inject(publisher.Address, check!);
            conference.Inject(subscriber.Address, check!);
            ForwardingTests.SendAndReceive(conference, publisher, subscriber);
        }

        Assert.Equal(300, subscriber.Audio.Numbers.Count);
        Assert.Equal(publisher.Video.PacketsSent, subscriber.Video.Numbers.Count);
        Assert.Equal(0, conference.Engine.Drops[DropReason.SrtpAuthentication]);
        Assert.Equal(0, subscriber.Client.BadPackets);
        Assert.Empty(conference.Happenings<PeerClosed>());
    }

    /// <summary>A browser whose tab was killed has said no goodbye, and may give the port to its next connection.</summary>
    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 18)]
    public void Client_on_the_port_of_one_that_has_vanished_connects(bool answersChecks, int seconds)
    {
        using var conference = new Conference(seed: 3);
        var former = ForwardingTests.Connect(conference, 1);
        conference.Run(TimeSpan.FromSeconds(3));
        conference.Unplug(former.Client);
        conference.Join(2);
        var latter = new SimulatedPublisher(conference, 2);
        latter.Client.AnswersChecks = answersChecks;
        conference.MoveTo(latter.Client, former.Address);

        conference.RunUntil(() => conference.Happenings<PublisherReady>().Any(ready => ready.Publisher.Id == 2), TimeSpan.FromSeconds(seconds), "it is taken for the one who is there");

        // Nothing goes to the newcomer that was meant for the other.
        conference.Run(TimeSpan.FromSeconds(5));
        Assert.True(latter.Client.IsConnected);
        Assert.Equal(0, latter.Client.BadPackets);
        conference.RunUntil(() => conference.Happenings<PeerClosed>().Any(), TimeSpan.FromSeconds(31), "the one that vanished is given up");
        Assert.Equal(former.PeerId, conference.Happenings<PeerClosed>().Single().PeerId);
    }

    [Fact]
    public void Two_publishers_with_the_same_sources_reach_a_subscriber_as_two()
    {
        using var conference = new Conference(seed: 1);
        var first = ForwardingTests.Connect(conference, 1);
        conference.Join(3);
        var second = new SimulatedPublisher(conference, 3, sourcesOf: 1);
        conference.RunUntil(() => conference.Happenings<PublisherReady>().Count() == 2, TimeSpan.FromSeconds(20), "the second publisher connects");
        Assert.Equal(first.Video.Ssrc, second.Video.Ssrc);
        conference.Join(2);
        var subscriber = new MeasuringSubscriber(conference, 2, [1, 3]);

        for (var frame = 0; frame < Frames; frame++)
        {
            first.SendFrame(videoPackets: 2);
            second.SendFrame(videoPackets: 3);
            conference.Run(TimeSpan.FromMilliseconds(20));
        }

        Assert.Equal([Frames, Frames], subscriber.Audio.Select(stream => stream.Packets));
        Assert.Equal(new[] { first.Video.PacketsSent, second.Video.PacketsSent }.Order(), subscriber.Video.Select(stream => (long)stream.Packets).Order());
    }
}
