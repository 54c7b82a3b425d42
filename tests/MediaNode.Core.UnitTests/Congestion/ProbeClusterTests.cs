using MediaNode.Core.Congestion;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Congestion;

public sealed class ProbeClusterTests
{
    private readonly ProbeCluster _cluster = new();

    [Fact]
    public void Probe_is_at_least_five_packets_at_its_rate()
    {
        _cluster.Start(Bitrate.FromKilobits(600), ProbeCluster.Usual, Instant.FromSeconds(1));
        var sent = SendAll();

        Assert.InRange(sent.Count, ProbeCluster.LeastPackets, ProbeCluster.LeastPackets + 1);
        Assert.InRange((sent[^1] - sent[0]).TotalMilliseconds, 11, 15);
    }

    [Fact]
    public void Free_path_shows_the_rate_of_the_probe()
    {
        _cluster.Start(Bitrate.FromKilobits(2000), ProbeCluster.Usual, Instant.FromSeconds(1));

        var measured = Receive(SendAll(), capacityKilobits: 100_000);

        Assert.InRange(measured!.Value.BitsPerSecond, 1_900_000, 2_100_000);
    }

    [Fact]
    public void Full_path_shows_a_little_less_than_its_capacity()
    {
        _cluster.Start(Bitrate.FromKilobits(4000), ProbeCluster.Usual, Instant.FromSeconds(1));

        var measured = Receive(SendAll(), capacityKilobits: 1000);

        Assert.InRange(measured!.Value.BitsPerSecond, 930_000, 1_000_000);
    }

    [Fact]
    public void Probe_of_which_too_much_is_lost_measures_nothing()
    {
        _cluster.Start(Bitrate.FromKilobits(2000), ProbeCluster.Usual, Instant.FromSeconds(1));
        var sent = SendAll();

        Assert.Null(Receive(sent[..(sent.Count / 2)], capacityKilobits: 100_000));
    }

    [Fact]
    public void Times_that_cannot_be_are_not_believed()
    {
        _cluster.Start(Bitrate.FromKilobits(2000), ProbeCluster.Usual, Instant.FromSeconds(1));
        var sent = SendAll();

        Bitrate? measured = null;
        for (var i = 0; i < sent.Count; i++)
            measured = _cluster.HandleArrival(new(sent[i], TimeSpan.FromTicks(i), _cluster.PacketBytes, _cluster.Id));

        Assert.Null(measured);
    }

    private List<Instant> SendAll()
    {
        var times = new List<Instant>();
        while (!_cluster.IsSent)
        {
            times.Add(_cluster.NextPacketAt);
            _cluster.HandleSent(_cluster.PacketBytes);
        }
        return times;
    }

    private Bitrate? Receive(List<Instant> sent, long capacityKilobits)
    {
        Bitrate? measured = null;
        var free = 0.0;
        foreach (var at in sent)
        {
            free = Math.Max(free, at.Nanoseconds / 1e6) + _cluster.PacketBytes * 8.0 / capacityKilobits;
            measured = _cluster.HandleArrival(new(at, TimeSpan.FromMilliseconds(free + 40), _cluster.PacketBytes, _cluster.Id)) ?? measured;
        }
        return measured;
    }
}
