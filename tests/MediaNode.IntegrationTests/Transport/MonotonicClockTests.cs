using MediaNode.Core.Rtcp;
using MediaNode.Core.Time;
using MediaNode.Transport;

namespace MediaNode.IntegrationTests.Transport;

/// <summary>The date of the machine is read once; setting it later changes no report, and no round-trip time that is measured by them.</summary>
public sealed class MonotonicClockTests
{
    [Fact]
    public void Reports_tell_the_date_within_a_second()
    {
        var told = MonotonicClock.CreateNtpClock().At(MonotonicClock.Now).SinceEpoch;

        Assert.InRange((DateTimeOffset.UtcNow - new DateTimeOffset(1900, 1, 1, 0, 0, 0, TimeSpan.Zero) - told).Duration(), TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3600)]
    [InlineData(1_000_000)]
    public void Between_two_reports_as_much_time_passes_as_by_the_monotonic_clock(int seconds)
    {
        var clock = MonotonicClock.CreateNtpClock();
        var sent = Instant.FromSeconds(10);

        var passed = clock.At(sent + TimeSpan.FromSeconds(seconds)).SinceEpoch - clock.At(sent).SinceEpoch;

        Assert.InRange((passed - TimeSpan.FromSeconds(seconds)).Duration(), TimeSpan.Zero, TimeSpan.FromMicroseconds(1));
    }

    [Fact]
    public void Round_trip_time_follows_from_the_monotonic_clock_alone()
    {
        var clock = MonotonicClock.CreateNtpClock();
        var sent = Instant.FromSeconds(10);
        var delay = TimeSpan.FromMilliseconds(300);

        var roundTrip = clock.At(sent + delay + TimeSpan.FromMilliseconds(50)).RoundTrip(clock.At(sent).Middle, NtpTime.ToShort(delay));

        Assert.InRange(roundTrip!.Value.TotalMilliseconds, 49.9, 50.1);
    }
}
