using MediaNode.Core.Forwarding;
using MediaNode.Core.Forwarding.Layers;
using MediaNode.Core.Rtcp;

namespace MediaNode.Core.UnitTests.Forwarding.Layers;

public sealed class TimestampSpliceTests
{
    private const int ClockRate = 90_000;
    private static readonly NtpTime Reported = new(0xE000_0000_4000_0000);

    [Fact]
    public void Moment_of_capture_keeps_its_place_whatever_the_clocks_began_at()
    {
        // Both encodings reported 0.1 s before the frame that was sent last, and the new frame was captured 33 ms after that one.
        var from = new SenderClock(Reported, 4_000_000_000, default);
        var to = new SenderClock(Reported, 777, default);
        var last = 4_000_009_000u + 5000;

        var next = TimestampSplice.Next(from, fromOffset: 5000, to, 777 + 9000 + 2970, last, TimeSpan.FromMilliseconds(70), ClockRate);

        Assert.Equal(last + 2970, next);
    }

    [Fact]
    public void Reports_of_different_moments_are_brought_together_by_their_wall_clock_times()
    {
        var from = new SenderClock(Reported, 1000, default);
        var to = new SenderClock(Reported + TimeSpan.FromSeconds(2), 50, default);

        Assert.InRange(TimestampSplice.Next(from, 0, to, 50, last: 1000 + 178_000, TimeSpan.FromMilliseconds(20), ClockRate), 180_999u, 181_001u);
    }

    [Fact]
    public void Frame_that_was_captured_before_the_last_one_still_comes_after_it()
    {
        var clock = new SenderClock(Reported, 1000, default);

        Assert.Equal(20_001u, TimestampSplice.Next(clock, 0, clock, 18_000, last: 20_000, TimeSpan.FromMilliseconds(30), ClockRate));
    }

    [Fact]
    public void Without_reports_the_time_between_arrivals_counts()
    {
        Assert.Equal(1_002_700u, TimestampSplice.Next(null, 0, null, 5, last: 1_000_000, TimeSpan.FromMilliseconds(30), ClockRate));
        Assert.Equal(1_000_001u, TimestampSplice.Next(null, 0, null, 5, last: 1_000_000, TimeSpan.Zero, ClockRate));
        Assert.Equal(2699u, TimestampSplice.Next(null, 0, null, 5, last: uint.MaxValue, TimeSpan.FromMilliseconds(30), ClockRate));
    }

    [Fact]
    public void Absurd_reports_are_not_believed()
    {
        var from = new SenderClock(Reported, 1000, default);
        var to = new SenderClock(new(12), 50, default);

        Assert.Equal(1_002_700u, TimestampSplice.Next(from, 0, to, 50, last: 1_000_000, TimeSpan.FromMilliseconds(30), ClockRate));
    }
}
