using MediaNode.Core.Congestion;
using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Congestion;

public sealed class AcknowledgedBitrateTests
{
    /// <summary>A key frame after a silence: for the moment that it takes, the path carries much, and half a second knows nothing of it.</summary>
    [Fact]
    public void Best_quarter_of_a_second_is_that_of_a_burst_after_little()
    {
        var rate = new AcknowledgedBitrate();
        for (var millisecond = 0; millisecond < 1000; millisecond += 20)
            rate.Add(Arrived(millisecond, 100));
        for (var millisecond = 1000; millisecond < 1200; millisecond += 2)
            rate.Add(Arrived(millisecond, 1000));

        Assert.InRange(rate.Value!.Value.BitsPerSecond, 1_300_000, 2_000_000);
        Assert.InRange(rate.Best!.Value.BitsPerSecond, 3_900_000, 4_100_000);
    }

    [Fact]
    public void Best_of_an_even_stream_is_its_rate()
    {
        var rate = new AcknowledgedBitrate();
        for (var millisecond = 0; millisecond < 2000; millisecond += 5)
            rate.Add(Arrived(millisecond, 625));

        Assert.InRange(rate.Best!.Value.BitsPerSecond, 990_000, 1_010_000);
    }

    private static AcknowledgedPacket Arrived(int millisecond, int bytes) => new(default, TimeSpan.FromMilliseconds(millisecond), bytes, 0);


    private readonly AcknowledgedBitrate _acknowledged = new();
    private double _now = 1_000_000;

    [Fact]
    public void Nothing_is_said_before_150_milliseconds()
    {
        Receive(1000, everyMilliseconds: 10, milliseconds: 140);
        Assert.Null(_acknowledged.Value);

        Receive(1000, everyMilliseconds: 10, milliseconds: 60);
        Assert.NotNull(_acknowledged.Value);
    }

    [Fact]
    public void Steady_packets_give_their_rate()
    {
        Receive(1000, everyMilliseconds: 5, milliseconds: 1000);

        Assert.InRange(_acknowledged.Value!.Value.BitsPerSecond, 1_500_000, 1_700_000);
    }

    [Fact]
    public void Old_rate_is_forgotten_within_the_window()
    {
        Receive(1000, everyMilliseconds: 5, milliseconds: 1000);

        Receive(100, everyMilliseconds: 20, milliseconds: 550);

        Assert.InRange(_acknowledged.Value!.Value.BitsPerSecond, 30_000, 50_000);
    }

    [Theory]
    [InlineData(3_600_000)]
    [InlineData(-900_000)]
    public void Jump_of_the_clock_starts_afresh(double jump)
    {
        Receive(1000, everyMilliseconds: 5, milliseconds: 1000);
        _now += jump;

        Receive(1000, everyMilliseconds: 5, milliseconds: 10);
        Assert.Null(_acknowledged.Value);
        Receive(1000, everyMilliseconds: 5, milliseconds: 1000);

        Assert.InRange(_acknowledged.Value!.Value.BitsPerSecond, 1_500_000, 1_700_000);
    }

    private void Receive(int bytes, double everyMilliseconds, double milliseconds)
    {
        for (var end = _now + milliseconds; _now < end; _now += everyMilliseconds)
            _acknowledged.Add(new(new Instant(0), TimeSpan.FromMilliseconds(_now), bytes, 0));
    }
}
