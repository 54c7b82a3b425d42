using MediaNode.Core.Congestion;
using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Congestion;

public sealed class AcknowledgedBitrateTests
{
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
