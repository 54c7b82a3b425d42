using MediaNode.Core.Congestion;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Congestion;

public sealed class ReportedLossControlTests
{
    private static readonly Bitrate Sent = Bitrate.FromKilobits(2000);

    private readonly ReportedLossControl _control = new(Bitrate.FromKilobits(30), Bitrate.FromKilobits(100_000));
    private Instant _now = Instant.FromSeconds(1);

    [Theory]
    [InlineData(0)]
    [InlineData(0.02)]
    [InlineData(0.1)]
    public void Nothing_is_held_back_up_to_ten_percent_of_loss(double loss)
    {
        Report(loss, times: 100);

        Assert.Equal(100_000_000, _control.Rate.BitsPerSecond);
    }

    [Fact]
    public void More_loss_reduces_what_was_sent_by_half_of_it()
    {
        Report(0.4, times: 1);

        Assert.Equal(1_600_000, _control.Rate.BitsPerSecond);
    }

    [Fact]
    public void Reports_of_several_streams_tell_of_one_loss()
    {
        for (var stream = 0; stream < 10; stream++)
            _control.Update(0.4, Sent, _now);

        Assert.Equal(1_600_000, _control.Rate.BitsPerSecond);
    }

    [Fact]
    public void Rate_falls_to_its_least_and_rises_by_8_percent_a_second()
    {
        Report(1, times: 100);
        Assert.Equal(30_000, _control.Rate.BitsPerSecond);

        Report(0, times: 10);
        Assert.InRange(_control.Rate.BitsPerSecond, 60_000, 66_000);
    }

    private void Report(double loss, int times)
    {
        for (var i = 0; i < times; i++)
        {
            _now += TimeSpan.FromSeconds(1);
            _control.Update(loss, Bitrate.Min(Sent, _control.Rate), _now);
        }
    }
}
