using MediaNode.IntegrationTests.Fixtures;
using MediaNode.Transport;

namespace MediaNode.IntegrationTests.Transport;

public sealed class StallWatchTests
{
    /// <summary>Shorter than that of the node's own watch, which would end this process. An idle worker turns once a second, so at every fourth look.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Worker_that_hangs_is_told_and_one_that_only_waits_is_not()
    {
        await using var node = await RunningNode.StartAsync("Node:Workers=2");
        var told = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watch = new StallWatch(node.Workers.Workers, Interval, told.SetResult);
        using var release = new ManualResetEventSlim();
        var stuck = node.Workers.Workers[1];
        var hanging = stuck.InvokeAsync((_, _) =>
        {
            release.Wait();
            return true;
        });
        try
        {
            await watch.StartAsync(TestContext.Current.CancellationToken);
            Assert.Equal(stuck.Name, await told.Task.WaitAsync(Patience, TestContext.Current.CancellationToken));
        }
        finally
        {
            release.Set();
            await hanging;
            await watch.StopAsync(CancellationToken.None);
        }
    }
}
