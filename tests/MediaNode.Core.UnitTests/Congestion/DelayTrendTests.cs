using MediaNode.Core.Congestion;

namespace MediaNode.Core.UnitTests.Congestion;

public sealed class DelayTrendTests
{
    private readonly DelayTrend _trend = new();
    private readonly OveruseDetector _detector = new();
    private TimeSpan _arrived;

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(-2)]
    public void Slope_is_what_the_delay_gains(int gain)
    {
        for (var i = 0; i < 200; i++)
            Add(20, 20 + gain);

        Assert.Equal(gain / (20.0 + gain), _trend.Slope, 0.001);
    }

    [Fact]
    public void Growing_queue_is_over_use_within_half_a_second()
    {
        Repeat(50, 20, 20);
        var before = _arrived;

        while (_detector.Usage != PathUsage.Over)
            Add(20, 24);

        Assert.InRange((_arrived - before).TotalMilliseconds, 20, 500);
    }

    [Fact]
    public void Emptying_queue_is_under_use()
    {
        Repeat(50, 20, 20);
        Repeat(30, 20, 24);

        Repeat(25, 20, 12);

        Assert.Equal(PathUsage.Under, _detector.Usage);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Jitter_without_growth_is_normal_once_the_threshold_knows_it(int seed)
    {
        var random = new Random(seed);
        var before = 0.0;
        var over = 0;
        for (var i = 0; i < 3000; i++)
        {
            var jitter = random.NextDouble() * 10;
            Add(20, 20 + jitter - before);
            before = jitter;
            over += i > 100 && _detector.Usage == PathUsage.Over ? 1 : 0;
        }

        Assert.InRange(over, 0, 15);
    }

    [Fact]
    public void One_late_group_is_no_over_use()
    {
        Repeat(50, 20, 20);

        Add(20, 60);
        var worst = _detector.Usage;
        Add(20, -20);
        for (var i = 0; i < 20; i++)
        {
            Add(20, 20);
            worst = _detector.Usage == PathUsage.Over ? PathUsage.Over : worst;
        }

        Assert.NotEqual(PathUsage.Over, worst);
    }

    private void Repeat(int times, double send, double arrival)
    {
        for (var i = 0; i < times; i++)
            Add(send, arrival);
    }

    private void Add(double send, double arrival)
    {
        _arrived += TimeSpan.FromMilliseconds(arrival);
        var delta = new GroupDelta(TimeSpan.FromMilliseconds(send), TimeSpan.FromMilliseconds(arrival), _arrived);
        _trend.Add(delta);
        _detector.Update(_trend.Slope, _trend.Groups, delta);
    }
}
