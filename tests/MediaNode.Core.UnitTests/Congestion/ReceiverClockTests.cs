using MediaNode.Core.Congestion;

namespace MediaNode.Core.UnitTests.Congestion;

public sealed class ReceiverClockTests
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(64.0 * (1 << 24));

    [Fact]
    public void Time_goes_on_when_the_24_bits_wrap()
    {
        var clock = new ReceiverClock();
        var last = Period / 2 - TimeSpan.FromMilliseconds(64);
        var before = last + clock.Offset(last);

        var after = -Period / 2 + clock.Offset(-Period / 2);

        Assert.Equal(TimeSpan.FromMilliseconds(64), after - before);
    }

    [Fact]
    public void Feedback_that_was_overtaken_goes_back_across_the_wrap()
    {
        var clock = new ReceiverClock();
        clock.Offset(Period / 2 - TimeSpan.FromMilliseconds(64));
        clock.Offset(-Period / 2);

        Assert.Equal(TimeSpan.Zero, clock.Offset(Period / 2 - TimeSpan.FromMilliseconds(64)));
    }
}
