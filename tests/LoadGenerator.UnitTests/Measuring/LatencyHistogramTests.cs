using LoadGenerator.Measuring;
using MediaNode.TestPeer;

namespace LoadGenerator.UnitTests.Measuring;

public sealed class LatencyHistogramTests
{
    /// <summary>Half a bucket in 64 is below 1 %, a whole one 1.6 %.</summary>
    private const double Precision = 0.016;

    private readonly LatencyHistogram _histogram = new();

    [Fact]
    public void Percentiles_of_a_thousand_even_values_are_those_values()
    {
        for (var milliseconds = 1; milliseconds <= 1000; milliseconds++)
            _histogram.Record(TimeSpan.FromMilliseconds(milliseconds));

        AssertNear(500, 0.5);
        AssertNear(950, 0.95);
        AssertNear(990, 0.99);
        Assert.Equal(TimeSpan.FromSeconds(1), _histogram.Percentile(1));
        Assert.Equal(1000, _histogram.Count);
    }

    [Fact]
    public void One_slow_packet_in_a_hundred_shows_above_the_99th_percentile_only()
    {
        for (var i = 0; i < 99; i++)
            _histogram.Record(TimeSpan.FromMicroseconds(100));
        _histogram.Record(TimeSpan.FromSeconds(2));

        Assert.InRange(_histogram.Percentile(0.99).TotalMicroseconds, 100, 102);
        Assert.Equal(TimeSpan.FromSeconds(2), _histogram.Percentile(0.995));
        Assert.Equal(TimeSpan.FromSeconds(2), _histogram.Maximum);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(1_000_000)]
    public void A_single_value_is_every_percentile_at_its_precision(long microseconds)
    {
        _histogram.Record(TimeSpan.FromMicroseconds(microseconds));

        Assert.InRange(_histogram.Percentile(0.5).TotalMicroseconds, microseconds, microseconds * (1 + Precision));
    }

    [Fact]
    public void Values_beyond_the_scale_keep_their_place_at_its_end()
    {
        _histogram.Record(TimeSpan.FromDays(1));
        _histogram.Record(TimeSpan.FromMilliseconds(-5));

        Assert.Equal(TimeSpan.Zero, _histogram.Percentile(0.5));
        Assert.True(_histogram.Percentile(1) > TimeSpan.FromMinutes(30));
    }

    [Fact]
    public void Nothing_recorded_is_zero_and_clearing_forgets()
    {
        Assert.Equal(TimeSpan.Zero, _histogram.Percentile(0.99));
        _histogram.Record(TimeSpan.FromSeconds(1));

        _histogram.Clear();

        Assert.Equal((0, TimeSpan.Zero, TimeSpan.Zero), (_histogram.Count, _histogram.Maximum, _histogram.Percentile(0.5)));
    }

    [Fact]
    public void Recording_allocates_nothing()
    {
        _histogram.Record(TimeSpan.FromMilliseconds(1));

        Assert.Equal(0, Allocations.OfEach(0, 1000, i => _histogram.Record(TimeSpan.FromMicroseconds(i * 17))));
    }

    private void AssertNear(double milliseconds, double share) =>
        Assert.InRange(_histogram.Percentile(share).TotalMilliseconds, milliseconds, milliseconds * (1 + Precision));
}
