using LoadGenerator.Measuring;

namespace LoadGenerator.UnitTests.Measuring;

public sealed class CheckOffTests
{
    private readonly CheckOff _checkOff = new();

    [Fact]
    public void Every_packet_counts_once()
    {
        Begin(1000, 200);

        for (var number = 1000; number < 1100; number++)
            Assert.Equal(CheckResult.New, _checkOff.Mark(number));

        Assert.Equal((100, 0, 100), (_checkOff.Received, _checkOff.Duplicates, _checkOff.Expected(1100)));
    }

    [Fact]
    public void A_packet_that_comes_twice_is_a_duplicate_and_hides_no_loss()
    {
        Begin(0, 64);
        _checkOff.Mark(0);
        _checkOff.Mark(2);

        Assert.Equal(CheckResult.Duplicate, _checkOff.Mark(2));

        Assert.Equal((2, 1, 3), (_checkOff.Received, _checkOff.Duplicates, _checkOff.Expected(3)));
    }

    [Fact]
    public void A_late_packet_fills_its_gap()
    {
        Begin(0, 64);
        _checkOff.Mark(0);
        _checkOff.Mark(2);
        _checkOff.Mark(1);

        Assert.Equal(_checkOff.Expected(3), _checkOff.Received);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(-1)]
    [InlineData(10 + 128)]
    [InlineData(long.MaxValue)]
    public void Packets_outside_of_the_range_do_not_count(long number)
    {
        Begin(10, 128);

        Assert.Equal(CheckResult.NotMeasured, _checkOff.Mark(number));

        Assert.Equal(0, _checkOff.Received);
    }

    [Fact]
    public void After_the_end_stragglers_count_and_newer_packets_do_not()
    {
        Begin(0, 64);
        _checkOff.Mark(0);
        _checkOff.End(2);

        Assert.Equal(CheckResult.New, _checkOff.Mark(1));
        Assert.Equal(CheckResult.NotMeasured, _checkOff.Mark(2));
        Assert.Equal((2, 2), (_checkOff.Received, _checkOff.Expected(50)));
    }

    [Fact]
    public void Without_a_measurement_nothing_is_expected()
    {
        Assert.Equal(CheckResult.NotMeasured, _checkOff.Mark(0));
        Assert.Equal(0, _checkOff.Expected(100));
    }

    private void Begin(long first, long capacity)
    {
        _checkOff.Reserve(capacity);
        _checkOff.Begin(first);
    }
}
