using MediaNode.Core.Congestion;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Congestion;

public sealed class ProbePlanTests
{
    private static readonly Bitrate Wanted = Bitrate.FromKilobits(2000);

    private readonly ProbePlan _plan = new();
    private Instant _now = Instant.FromSeconds(1);

    [Fact]
    public void Nothing_is_probed_for_when_everything_fits()
    {
        Assert.False(_plan.TryStart(Wanted * ProbePlan.Margin, Wanted, _now));
        Assert.False(_plan.TryStart(Bitrate.FromKilobits(300), default, _now));
        Assert.Equal(Instant.Never, _plan.NextTimeout);
    }

    [Fact]
    public void Successful_probes_double_at_once_until_what_is_wanted_fits_with_a_margin()
    {
        var estimate = Bitrate.FromKilobits(300);
        var rates = new List<long>();
        while (_plan.TryStart(estimate, Wanted, _now))
        {
            rates.Add(_plan.Cluster.Rate.BitsPerSecond / 1000);
            Send();
            estimate = _plan.Cluster.Rate;
            _plan.HandleMeasured(estimate, _now);
        }

        Assert.Equal([600, 1200, 2400], rates);
    }

    [Fact]
    public void Failed_probes_wait_longer_each_time_but_never_long()
    {
        var waits = new List<double>();
        for (var i = 0; i < 5; i++)
        {
            Assert.True(_plan.TryStart(Bitrate.FromKilobits(300), Wanted, _now));
            Send();
            _plan.HandleMeasured(Bitrate.FromKilobits(300), _now);
            var failed = _now;
            while (!_plan.TryStart(Bitrate.FromKilobits(300), Wanted, _now))
                _now += TimeSpan.FromMilliseconds(100);
            waits.Add((_now - failed).TotalSeconds);
            _plan.HandleMeasured(Bitrate.FromKilobits(600), _now);
            _plan.HandleOveruse(_now);
            _now += TimeSpan.FromSeconds(3);
            if (i < 4)
                Assert.InRange(waits[^1], 0.9, 2.6);
        }
    }

    [Fact]
    public void Probes_that_seem_slow_last_longer_where_the_path_reorders_and_nowhere_else()
    {
        Assert.Equal([15, 15, 15, 15], Durations(isReordered: false));
        Assert.Equal([15, 30, 60, 60], Durations(isReordered: true));
        Assert.Equal([60, 15, 15, 15], Durations(isReordered: false));
    }

    [Fact]
    public void Unanswered_probe_is_given_up_after_a_second()
    {
        Assert.True(_plan.TryStart(Bitrate.FromKilobits(300), Wanted, _now));
        Send();
        Assert.Equal(_now + TimeSpan.FromSeconds(1), _plan.NextTimeout);
        _now = _plan.NextTimeout;

        _plan.HandleTimeout(_now);

        Assert.False(_plan.IsProbing);
        Assert.False(_plan.TryStart(Bitrate.FromKilobits(300), Wanted, _now));
    }

    [Fact]
    public void Overuse_ends_a_probe_and_holds_the_next_one_back()
    {
        Assert.True(_plan.TryStart(Bitrate.FromKilobits(300), Wanted, _now));

        _plan.HandleOveruse(_now);

        Assert.False(_plan.IsProbing);
        Assert.False(_plan.TryStart(Bitrate.FromKilobits(300), Wanted, _now + TimeSpan.FromMilliseconds(900)));
        Assert.True(_plan.TryStart(Bitrate.FromKilobits(300), Wanted, _now + TimeSpan.FromMilliseconds(1100)));
    }

    private List<double> Durations(bool isReordered)
    {
        var durations = new List<double>();
        for (var i = 0; i < 4; i++)
        {
            Assert.True(_plan.TryStart(Bitrate.FromKilobits(300), Wanted, _now));
            Send();
            var (first, second) = (_now, _now + TimeSpan.FromMilliseconds(3));
            Arrive(isReordered ? second : first, arrival: 40);
            Arrive(isReordered ? first : second, arrival: 60);
            durations.Add(_plan.Cluster.Duration.TotalMilliseconds);
            _plan.HandleMeasured(Bitrate.FromKilobits(300), _now);
            _now += TimeSpan.FromSeconds(3);
        }
        return durations;

        void Arrive(Instant sent, int arrival) => _plan.Cluster.HandleArrival(new(sent, TimeSpan.FromMilliseconds(arrival), _plan.Cluster.PacketBytes, _plan.Cluster.Id));
    }

    private void Send()
    {
        while (!_plan.Cluster.IsSent)
            _plan.Cluster.HandleSent(_plan.Cluster.PacketBytes);
    }
}
