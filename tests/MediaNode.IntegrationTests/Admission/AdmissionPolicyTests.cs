using MediaNode.Admission;
using MediaNode.Transport;

namespace MediaNode.IntegrationTests.Admission;

public sealed class AdmissionPolicyTests
{
    private static readonly NodeLimits Limits = new(Peers: 100, PacketsPerSecond: 1000, BitsPerSecond: 10_000_000, WorkerLoad: 0.8);
    private static readonly NodeLoad Half = new(500, 5_000_000, [0.4]);

    [Fact]
    public void Half_empty_node_takes_rooms_and_peers()
    {
        Assert.Null(AdmissionPolicy.RefuseRoom(Limits, Half, 50));
        Assert.Null(AdmissionPolicy.RefusePeer(Limits, Half, 50, 0.4));
        Assert.Equal(0.5 / AdmissionPolicy.RoomShare, AdmissionPolicy.LoadOf(Limits, Half, 50), 6);
    }

    [Fact]
    public void Rooms_are_refused_before_peers_and_the_text_names_the_limit_and_its_value()
    {
        Assert.Contains("90 peers on (its limit is 100) and has 90", AdmissionPolicy.RefuseRoom(Limits, Half, 90), StringComparison.Ordinal);
        Assert.Null(AdmissionPolicy.RefusePeer(Limits, Half, 90, 0.4));
        Assert.Contains("100 peers on", AdmissionPolicy.RefusePeer(Limits, Half, 100, 0.4), StringComparison.Ordinal);
    }

    [Fact]
    public void People_are_refused_between_rooms_and_peers()
    {
        Assert.Null(AdmissionPolicy.RefusePerson(Limits, Half, 94, 0.4));
        Assert.Contains("no new people from 95 peers on (its limit is 100) and has 95", AdmissionPolicy.RefusePerson(Limits, Half, 95, 0.4), StringComparison.Ordinal);
        Assert.Null(AdmissionPolicy.RefusePeer(Limits, Half, 99, 0.4));
    }

    [Fact]
    public void Each_limit_counts_by_itself()
    {
        Assert.Contains("packets per second", AdmissionPolicy.RefuseRoom(Limits, Half with { PacketsPerSecond = 950 }, 0), StringComparison.Ordinal);
        Assert.Contains("9 megabits per second on (its limit is 10)", AdmissionPolicy.RefuseRoom(Limits, Half with { BitsPerSecond = 9_100_000 }, 0), StringComparison.Ordinal);
        Assert.Contains("72 % load of a worker", AdmissionPolicy.RefuseRoom(Limits, Half with { Workers = [0.75] }, 0), StringComparison.Ordinal);
        Assert.Equal(1, AdmissionPolicy.LoadOf(Limits, Half with { PacketsPerSecond = 900 }, 0));
    }

    [Fact]
    public void Room_goes_to_the_idle_worker_but_a_peer_to_that_of_its_room()
    {
        var uneven = Half with { Workers = [0.9, 0.1] };
        Assert.Null(AdmissionPolicy.RefuseRoom(Limits, uneven, 0));
        Assert.Contains("80 % load of a worker thread on (its limit is 80) and has 90", AdmissionPolicy.RefusePeer(Limits, uneven, 0, 0.9), StringComparison.Ordinal);
        Assert.Null(AdmissionPolicy.RefusePeer(Limits, uneven, 0, 0.1));
    }

    [Fact]
    public void Worker_load_of_one_refuses_nobody() =>
        Assert.Null(AdmissionPolicy.RefusePeer(Limits with { WorkerLoad = 1 }, Half with { Workers = [1] }, 0, 1));

    [Fact]
    public void Limits_that_are_not_set_grow_with_the_workers()
    {
        var limits = NodeLimits.From(new NodeOptions(), workers: 3);
        Assert.Equal(3 * NodeLimits.PacketsPerSecondAndWorker, limits.PacketsPerSecond);
        Assert.Equal(3 * NodeLimits.BitsPerSecondAndWorker, limits.BitsPerSecond);
        Assert.Equal(1234, NodeLimits.From(new NodeOptions { MaximumPacketsPerSecond = 1234 }, workers: 3).PacketsPerSecond);
    }
}
