using MediaNode.Core.Congestion;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Congestion;

public sealed class LossLimitTests
{
    private static readonly Bitrate DelayRate = Bitrate.FromKilobits(5000);

    private readonly LossLimit _limit = new(Bitrate.FromKilobits(30));
    private Instant _now = Instant.FromSeconds(1);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.02, 2)]
    [InlineData(0.05, 3)]
    [InlineData(0.08, 4)]
    [InlineData(0.1, 5)]
    public void Random_loss_that_the_path_has_by_itself_does_not_limit(double loss, int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 400; i++)
            Send(2000, random, loss);

        Assert.True(_limit.Limit >= Bitrate.FromKilobits(1500), $"limited to {_limit.Limit.BitsPerSecond} bit/s");
    }

    [Fact]
    public void Link_with_a_shallow_queue_is_found_by_what_it_drops()
    {
        var random = new Random(6);
        for (var i = 0; i < 40; i++)
            Send(2000, random, loss: 0.5);

        Assert.InRange(_limit.Limit.BitsPerSecond, 800_000, 1_400_000);
    }

    [Fact]
    public void Rate_rises_again_when_loss_ends()
    {
        var random = new Random(7);
        for (var i = 0; i < 40; i++)
            Send(2000, random, loss: 0.5);

        for (var i = 0; i < 400; i++)
            Send(1000, random, loss: 0);

        Assert.Equal(Bitrate.Unlimited, _limit.Limit);
    }

    [Fact]
    public void Loss_that_stays_when_less_is_sent_is_the_paths_own()
    {
        var random = new Random(8);
        for (var i = 0; i < 80; i++)
            Send(2000, random, loss: 0.2);
        Assert.True(_limit.Limit < Bitrate.FromKilobits(2000));

        for (var i = 0; i < 600; i++)
            Send(300, random, loss: 0.2);

        Assert.True(_limit.Limit >= DelayRate * 0.8, $"limited to {_limit.Limit.BitsPerSecond} bit/s");
    }

    /// <summary>A burst fills the queue, and what is sent after it is less, but still more than the path carries: it loses too, and that is not the path's own loss.</summary>
    [Fact]
    public void Path_that_is_full_at_every_rate_that_was_tried_is_limited_to_what_gets_through()
    {
        var random = new Random(9);
        for (var i = 0; i < 5; i++)
            Send(2000, random, loss: 0.6);
        for (var i = 0; i < 100; i++)
            Send(460, random, loss: 0.35);

        Assert.InRange(_limit.Limit.BitsPerSecond, 200_000, 400_000);
    }

    [Fact]
    public void A_few_packets_decide_nothing()
    {
        _limit.Update(new() { Packets = 10, Lost = 10, Bytes = 10_000, FirstSentAt = _now, LastSentAt = _now + TimeSpan.FromSeconds(1) }, DelayRate);

        Assert.Equal(Bitrate.Unlimited, _limit.Limit);
    }

    [Fact]
    public void Packets_that_came_late_were_not_lost()
    {
        for (var i = 0; i < 200; i++)
        {
            Tell(10, 5, 10_000);
            for (var late = 0; late < 5; late++)
                _limit.Recover(_now - TimeSpan.FromMilliseconds(10 * late));
        }

        Assert.Equal(Bitrate.Unlimited, _limit.Limit);
    }

    /// <summary>A feedback's worth: 50 ms of packets of 1000 bytes.</summary>
    private void Send(int kilobits, Random random, double loss)
    {
        var packets = Math.Max(1, kilobits * 50 / 8 / 1000);
        var lost = 0;
        for (var i = 0; i < packets; i++)
            lost += random.NextDouble() < loss ? 1 : 0;
        Tell(packets, lost, kilobits * 50 / 8);
    }

    private void Tell(int packets, int lost, long bytes)
    {
        var end = _now + TimeSpan.FromMilliseconds(50);
        _limit.Update(new() { Packets = packets, Lost = lost, Bytes = bytes, FirstSentAt = _now, LastSentAt = end }, DelayRate);
        _now = end;
    }
}
