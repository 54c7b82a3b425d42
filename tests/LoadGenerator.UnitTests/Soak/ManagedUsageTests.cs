using LoadGenerator.Soak;

namespace LoadGenerator.UnitTests.Soak;

public sealed class ManagedUsageTests
{
    private const int Held = 100_000_000;

    [Fact]
    public async Task What_a_process_keeps_is_told_and_what_it_has_dropped_is_not()
    {
        var kept = new byte[Held];
        var timers = Enumerable.Range(0, 20).Select(_ => new Timer(_ => { }, null, TimeSpan.FromHours(1), Timeout.InfiniteTimeSpan)).ToList();
        var with = await ManagedUsage.CollectAsync(Environment.ProcessId);
        GC.KeepAlive(kept);
        timers.ForEach(timer => timer.Dispose());
        kept = null;

        var without = await ManagedUsage.CollectAsync(Environment.ProcessId);

        Assert.InRange(with.LiveBytes - without.LiveBytes, Held * 0.8, Held * 1.2);
        Assert.InRange(with.Timers - without.Timers, 15, 25);
        Assert.True(without.Handles > 0);
    }
}
