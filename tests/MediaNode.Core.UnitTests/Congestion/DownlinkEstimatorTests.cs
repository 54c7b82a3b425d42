using MediaNode.Core.Congestion;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Congestion;

public sealed class DownlinkEstimatorTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 10)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Estimate_settles_below_a_full_link_and_keeps_the_queue_short(int seed)
    {
        var link = new TracedLink(seed) { CapacityKilobits = 1000 };
        link.Run(10, kilobits: 3000);

        link.Run(20, kilobits: 3000);

        Assert.InRange(link.Estimator.Estimate.BitsPerSecond, 650_000, 1_150_000);
        Assert.InRange(link.WorstQueueMilliseconds, 0, 200);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Estimate_falls_and_recovers_within_five_seconds(int seed)
    {
        var link = new TracedLink(seed) { CapacityKilobits = 5000, Wanted = Bitrate.FromKilobits(2500) };
        link.Run(5, kilobits: 2500);
        Assert.True(link.Estimator.Estimate >= Bitrate.FromKilobits(2500));

        link.CapacityKilobits = 300;
        link.Run(8, kilobits: 2500);
        Assert.InRange(link.Estimator.Estimate.BitsPerSecond, 30_000, 360_000);

        link.CapacityKilobits = 5000;
        link.Run(5, kilobits: 2500);
        Assert.True(link.Estimator.Estimate >= Bitrate.FromKilobits(2000), $"{link.Estimator.Estimate.BitsPerSecond} bit/s");
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.05)]
    [InlineData(0.1)]
    public void Random_loss_does_not_starve(double loss)
    {
        var link = new TracedLink(1) { CapacityKilobits = 5000, Loss = loss, Wanted = Bitrate.FromKilobits(2500) };

        link.Run(30, kilobits: 2500);

        Assert.True(link.Estimator.Estimate >= Bitrate.FromKilobits(2000), $"{link.Estimator.Estimate.BitsPerSecond} bit/s");
    }

    [Fact]
    public void Shallow_queue_that_shows_no_delay_is_found_by_its_losses()
    {
        var link = new TracedLink(1) { CapacityKilobits = 1000, QueueMilliseconds = 9 };

        link.Run(20, kilobits: 3000);

        // Frames leave as bursts, of which such a queue drops the end long before the rate is reached.
        Assert.InRange(link.Estimator.Estimate.BitsPerSecond, 400_000, 1_000_000);
        Assert.InRange(link.Estimator.Loss, 0, 0.35);
    }

    [Fact]
    public void Jitter_of_300_milliseconds_does_not_starve()
    {
        var link = new TracedLink(1) { CapacityKilobits = 5000, JitterMilliseconds = 300, Wanted = Bitrate.FromKilobits(1500) };

        link.Run(30, kilobits: 1500);

        Assert.True(link.Estimator.Estimate >= Bitrate.FromKilobits(800), $"{link.Estimator.Estimate.BitsPerSecond} bit/s");
    }

    [Fact]
    public void Other_traffic_takes_its_share_and_gives_it_back()
    {
        var link = new TracedLink(1) { CapacityKilobits = 3000, Wanted = Bitrate.FromKilobits(2000) };
        link.Run(5, kilobits: 2000);
        link.CrossKilobits = 2000;
        link.Run(10, kilobits: 2000);
        // A probe may have just taken more than its share of the queue.
        Assert.InRange(link.Estimator.Estimate.BitsPerSecond, 500_000, 1_600_000);

        link.CrossKilobits = 0;
        link.Run(5, kilobits: 2000);

        Assert.True(link.Estimator.Estimate >= Bitrate.FromKilobits(1600), $"{link.Estimator.Estimate.BitsPerSecond} bit/s");
    }

    [Fact]
    public void Probes_find_what_an_idle_application_cannot_show()
    {
        var link = new TracedLink(1) { CapacityKilobits = 10_000, Wanted = Bitrate.FromKilobits(4000) };

        link.Run(2, kilobits: 50);

        Assert.True(link.Estimator.Estimate >= Bitrate.FromKilobits(4000), $"{link.Estimator.Estimate.BitsPerSecond} bit/s");
    }

    [Fact]
    public void Feedback_that_stays_out_halves_the_estimate_every_second()
    {
        var link = new TracedLink(1);
        link.Run(3, kilobits: 1000);
        link.Loss = 1;
        link.Run(2, kilobits: 1000);
        var before = link.Estimator.Estimate;

        link.Estimator.HandleTick(link.Now);

        Assert.Equal(before.BitsPerSecond * 0.5, link.Estimator.Estimate.BitsPerSecond, 2.0);
    }

    /// <summary>A subscriber that had paused everything, or that everybody had muted for.</summary>
    [Fact]
    public void Silence_of_the_node_is_none_of_the_path()
    {
        var link = new TracedLink(1);
        link.Run(3, kilobits: 1000);
        link.Run(5, kilobits: 0);
        var before = link.Estimator.Estimate;
        link.Loss = 1;
        link.Run(0.1, kilobits: 1000);

        link.Estimator.HandleTick(link.Now);

        Assert.Equal(before, link.Estimator.Estimate);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(long.MaxValue)]
    public void Absurd_receiver_estimates_stay_within_bounds(long bitsPerSecond)
    {
        var estimator = new DownlinkEstimator();
        estimator.HandleReceiverEstimate(new(bitsPerSecond), Instant.FromSeconds(1));

        Assert.InRange(estimator.Estimate.BitsPerSecond, DownlinkEstimator.Least.BitsPerSecond, DownlinkEstimator.Most.BitsPerSecond);
    }

    [Fact]
    public void Receivers_own_estimate_is_honoured_and_so_is_the_cap()
    {
        var estimator = new DownlinkEstimator();
        estimator.HandleReceiverEstimate(Bitrate.FromKilobits(700), Instant.FromSeconds(1));
        Assert.Equal(EstimateSource.Receiver, estimator.Source);
        Assert.Equal(Bitrate.FromKilobits(700), estimator.Estimate);

        estimator.Cap = Bitrate.FromKilobits(500);
        Assert.Equal(Bitrate.FromKilobits(500), estimator.Estimate);
    }
}
