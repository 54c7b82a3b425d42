using MediaNode.Core.Forwarding.Layers;
using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Forwarding.Layers;

public sealed class LayerMeterTests
{
    private readonly LayerMeter _meter = new();

    [Fact]
    public void Rates_of_a_layer_contain_the_layers_below_it()
    {
        // 20 pictures a second, every other one of layer 1, 1000 bytes each.
        Send(TimeSpan.FromSeconds(3), i => (byte)(i % 2));
        var now = Instant.FromSeconds(3);

        Assert.InRange(_meter.BitrateUpTo(0, 0, now).BitsPerSecond, 70_000, 90_000);
        Assert.InRange(_meter.BitrateUpTo(0, 1, now).BitsPerSecond, 140_000, 180_000);
        Assert.InRange(_meter.FrameRateUpTo(0, 0, now), 9, 11);
        Assert.InRange(_meter.FrameRateUpTo(0, 255, now), 18, 22);
        Assert.Equal(1, _meter.HighestTemporal(0));
        Assert.Equal(0, _meter.HighestSpatial);
    }

    [Fact]
    public void Rate_is_known_after_the_first_half_second_and_gone_after_a_silent_one()
    {
        Send(TimeSpan.FromMilliseconds(500), _ => 0);
        Assert.InRange(_meter.BitrateUpTo(0, 0, Instant.FromMilliseconds(500)).BitsPerSecond, 140_000, 180_000);

        Assert.Equal(0, _meter.BitrateUpTo(0, 0, Instant.FromMilliseconds(2000)).BitsPerSecond);
    }

    [Fact]
    public void Rate_is_settled_a_second_after_the_beginning_and_after_each_silence()
    {
        Send(TimeSpan.FromMilliseconds(900), _ => 0);
        Assert.False(_meter.IsSettled(Instant.FromMilliseconds(900)));
        Send(TimeSpan.FromMilliseconds(300), _ => 0, from: 900);
        Assert.True(_meter.IsSettled(Instant.FromMilliseconds(1200)));

        Send(TimeSpan.FromMilliseconds(500), _ => 0, from: 5000);
        Assert.False(_meter.IsSettled(Instant.FromMilliseconds(5500)));
    }

    [Fact]
    public void Layers_past_the_limit_count_as_the_highest()
    {
        _meter.Add(new() { Spatial = 7, Temporal = 7 }, 100, true, Instant.FromMilliseconds(1));

        Assert.Equal(3, _meter.HighestSpatial);
        Assert.Equal(3, _meter.HighestTemporal(7));
    }

    private void Send(TimeSpan time, Func<int, byte> temporal, int from = 0)
    {
        for (var i = 0; i * 50 < time.TotalMilliseconds; i++)
            _meter.Add(new() { Temporal = temporal(i) }, 1000, true, Instant.FromMilliseconds(from + i * 50));
    }
}
