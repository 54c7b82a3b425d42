using MediaNode.Core.Forwarding;
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
        Assert.Equal([Frames * 2, Frames * 3], subscriber.Video.Select(stream => stream.Packets).Order());
    }
}
