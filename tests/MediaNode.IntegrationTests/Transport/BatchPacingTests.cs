using MediaNode.Core.Time;
using MediaNode.Transport;

namespace MediaNode.IntegrationTests.Transport;

public sealed class BatchPacingTests
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    [Fact]
    public void Light_traffic_is_taken_at_once() =>
        Assert.Equal(TimeSpan.Zero, PauseAfterSecondOf(work: Millisecond * 0.05, period: Millisecond * 5));

    [Fact]
    public void Busy_traffic_with_little_work_gathers_for_the_longest_interval() =>
        Assert.Equal(BatchPacing.LongestInterval - Millisecond * 0.05, PauseAfterSecondOf(work: Millisecond * 0.05, period: Millisecond));

    [Fact]
    public void Much_work_shortens_the_interval()
    {
        var pause = PauseAfterSecondOf(work: Millisecond * 0.2, period: Millisecond);

        Assert.InRange(pause, BatchPacing.ShortestInterval - Millisecond * 0.2, BatchPacing.LongestInterval * 0.7);
    }

    [Fact]
    public void A_worker_that_needs_the_interval_for_its_work_does_not_pause() =>
        Assert.Equal(TimeSpan.Zero, PauseAfterSecondOf(work: Millisecond * 0.9, period: Millisecond));

    [Fact]
    public void Busy_traffic_is_taken_at_once_while_somebody_connects()
    {
        Assert.Equal(TimeSpan.Zero, PauseAfterSecondOf(work: Millisecond * 0.05, period: Millisecond, sinceHandshake: BatchPacing.HandshakeStep));
        Assert.NotEqual(TimeSpan.Zero, PauseAfterSecondOf(work: Millisecond * 0.05, period: Millisecond, sinceHandshake: BatchPacing.HandshakeStep + Millisecond));
    }

    /// <summary>A second of turns that each find datagrams, work for a while and begin once a period.</summary>
    private static TimeSpan PauseAfterSecondOf(TimeSpan work, TimeSpan period, TimeSpan? sinceHandshake = null)
    {
        var pacing = new BatchPacing();
        var pause = TimeSpan.Zero;
        var start = new Instant(0) + TimeSpan.FromHours(1);
        for (var at = start; at < start + TimeSpan.FromSeconds(1); at += period)
            pause = pacing.Pause(at, at + work, tookAny: true, sinceHandshake is { } ago ? at + work - ago : default);
        return pause;
    }
}
