using MediaNode.Core.Congestion;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Congestion;

public sealed class RateControlTests
{
    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(50);
    private static readonly Bitrate Megabit = Bitrate.FromKilobits(1000);

    private readonly RateControl _control = new(Megabit, Bitrate.FromKilobits(30), Bitrate.FromKilobits(100_000));
    private Instant _now = Instant.FromSeconds(1);

    [Fact]
    public void Overuse_leaves_85_percent_of_what_got_through()
    {
        Update(PathUsage.Over, 800);

        Assert.Equal(680_000, _control.Rate.BitsPerSecond);
    }

    [Fact]
    public void Second_overuse_within_a_round_trip_is_the_same_queue()
    {
        Update(PathUsage.Over, 800);
        Update(PathUsage.Over, 700, milliseconds: 20);
        Assert.Equal(680_000, _control.Rate.BitsPerSecond);

        Update(PathUsage.Over, 700, milliseconds: 60);
        Assert.Equal(595_000, _control.Rate.BitsPerSecond);
    }

    [Fact]
    public void Rate_grows_by_8_percent_a_second_before_the_capacity_is_known()
    {
        Repeat(seconds: 1, acknowledgedKilobits: 900);

        Assert.InRange(_control.Rate.BitsPerSecond, 1_070_000, 1_090_000);
    }

    [Fact]
    public void Rate_grows_by_a_packet_per_response_time_near_the_known_capacity()
    {
        Update(PathUsage.Over, 800);
        Repeat(seconds: 0.1, acknowledgedKilobits: 680);
        var before = _control.Rate;

        Repeat(seconds: 1, acknowledgedKilobits: 680);

        Assert.InRange((_control.Rate - before).BitsPerSecond, 4_000, 40_000);
    }

    [Fact]
    public void Application_that_sends_little_proves_nothing_about_more()
    {
        Repeat(seconds: 60, acknowledgedKilobits: 700);

        Assert.InRange(_control.Rate.BitsPerSecond, 1_000_000, 1_070_000);
    }

    [Fact]
    public void What_got_through_without_a_queue_is_there()
    {
        Repeat(seconds: 0.1, acknowledgedKilobits: 2500);

        Assert.True(_control.Rate >= Bitrate.FromKilobits(2500));
    }

    [Fact]
    public void Rate_waits_while_the_queue_empties()
    {
        Repeat(seconds: 5, acknowledgedKilobits: 900, PathUsage.Under);

        Assert.Equal(Megabit, _control.Rate);
    }

    [Fact]
    public void Probe_raises_the_rate_and_never_lowers_it()
    {
        _control.HandleProbe(Bitrate.FromKilobits(500), _now);
        Assert.Equal(Megabit, _control.Rate);

        _control.HandleProbe(Bitrate.FromKilobits(3000), _now);
        Assert.Equal(3_000_000, _control.Rate.BitsPerSecond);
    }

    [Fact]
    public void Rate_stays_within_its_bounds()
    {
        _control.HandleProbe(Bitrate.FromKilobits(1_000_000_000), _now);
        Assert.Equal(100_000_000, _control.Rate.BitsPerSecond);

        for (var i = 0; i < 100; i++)
            Update(PathUsage.Over, 0, milliseconds: 500);
        Assert.Equal(30_000, _control.Rate.BitsPerSecond);
    }

    private void Repeat(double seconds, long acknowledgedKilobits, PathUsage usage = PathUsage.Normal)
    {
        for (var i = 0; i <= seconds * 20; i++)
            Update(usage, acknowledgedKilobits, milliseconds: 50);
    }

    private void Update(PathUsage usage, long acknowledgedKilobits, long milliseconds = 0)
    {
        _now += TimeSpan.FromMilliseconds(milliseconds);
        _control.Update(usage, Bitrate.FromKilobits(acknowledgedKilobits), RoundTrip, _now);
    }
}
