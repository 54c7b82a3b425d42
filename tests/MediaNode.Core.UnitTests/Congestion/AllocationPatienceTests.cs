using MediaNode.Core.Congestion;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Congestion;

public sealed class AllocationPatienceTests
{
    private static readonly Bitrate Sending = Bitrate.FromKilobits(1000);

    private AllocationPatience _patience;

    [Theory]
    [InlineData(900, 1500)]
    [InlineData(700, 300)]
    [InlineData(500, 0)]
    public void Deeper_dips_are_sat_out_for_less_time(long estimateKilobits, double milliseconds)
    {
        var waited = 0.0;
        while (!_patience.MayTakeAway(Bitrate.FromKilobits(estimateKilobits), Sending, Instant.FromSeconds(1 + waited / 1000)))
            waited += 100;

        Assert.Equal(milliseconds, waited);
    }

    [Fact]
    public void Dip_that_ends_is_forgotten()
    {
        Assert.False(_patience.MayTakeAway(Sending * 0.9, Sending, Instant.FromSeconds(1)));
        _patience.HandleEnough();

        Assert.False(_patience.MayTakeAway(Sending * 0.9, Sending, Instant.FromSeconds(3)));
    }

    [Fact]
    public void More_that_turned_out_to_be_too_much_is_held_back_longer_each_time()
    {
        var now = Instant.FromSeconds(1);
        var waits = new List<double>();
        for (var failure = 0; failure < 5; failure++)
        {
            var from = now;
            while (!_patience.MayGive(isProven: true, now))
                now += TimeSpan.FromMilliseconds(100);
            waits.Add(Math.Round((now - from).TotalSeconds));
            Assert.True(_patience.MayTakeAway(Sending * 0.1, Sending, now));
        }

        Assert.Equal([0, 2, 4, 8, 16], waits);
    }
}
