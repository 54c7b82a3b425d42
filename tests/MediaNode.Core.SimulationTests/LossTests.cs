using MediaNode.Core.Forwarding;
using MediaNode.Core.Rtp;
using MediaNode.Core.SimulationTests.Network;

namespace MediaNode.Core.SimulationTests;

public sealed class LossTests
{
    public static TheoryData<int> TwoHundredSeeds => Seeds.TwoHundred;

    [Theory]
    [MemberData(nameof(TwoHundredSeeds))]
    public void Video_is_complete_after_loss_reordering_and_duplication_both_ways(int seed)
    {
        using var conference = new Conference(seed);
        conference.Network.Conditions = new(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(20), Loss: 0.05, Duplication: 0.02);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);

        for (var frame = 0; frame < 200; frame++)
            ForwardingTests.SendAndReceive(conference, publisher, subscriber);
        // Nothing new is sent: what is missing is asked for and comes.
        var settled = publisher.Video.PacketsSent;
        for (var turn = 0; turn < 60; turn++)
        {
            while (publisher.Client.TryTakeControl(out var compound))
                publisher.Video.HandleControl(publisher.Client, compound);
            conference.Run(TimeSpan.FromMilliseconds(20));
            subscriber.Receive();
        }

        Assert.Contains(conference.Happenings<MediaChanged>(), change => change is { Kind: MediaKind.Video, Receiving: true });
        // What came before a key frame is not asked for any more.
        var first = Math.Max(subscriber.Video.Numbers.Min(), publisher.Video.LastKeyFrame);
        // The very last packets may be lost with nothing after them to show the gap: a stream that goes on closes it.
        var missing = Enumerable.Range((int)first, (int)(settled - first - 8)).Where(number => !subscriber.Video.Numbers.Contains(number)).ToList();
        Assert.Empty(missing);
        Assert.True(subscriber.Video.Retransmissions > 0, "nothing had to be sent again, so nothing was tried");
        Assert.Equal(0, subscriber.Client.BadPackets);
    }

    [Theory]
    [MemberData(nameof(TwoHundredSeeds))]
    public void Handshake_completes_when_a_quarter_of_all_datagrams_is_lost(int seed)
    {
        using var conference = new Conference(seed);
        conference.Network.Conditions = new(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(20), Loss: 0.25, Duplication: 0.05);
        var publisher = ForwardingTests.Connect(conference, 1);
        ForwardingTests.Watch(conference, 2, publisher);
    }
}
