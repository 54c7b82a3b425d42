using MediaNode.Transport;
using Microsoft.Extensions.Options;

namespace MediaNode.Control;

/// <summary>
/// Empties the node: no new room from the beginning on, and the process ends when the last peer has gone or the time is over. Rooms without a peer carry
/// nothing, and their people find another node when they publish.
/// </summary>
internal sealed class Drain(
    NodeState node, WorkerPool workers, IOptions<NodeOptions> options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<Drain> logger)
{
    /// <summary>Between two looks at whether anybody is left.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private long _startedAt;
    private TimeSpan _limit;

    /// <summary>Longest that can be asked for: a day.</summary>
    public const uint MaximumSeconds = 86_400;

    /// <param name="limit">Null for the node's setting.</param>
    /// <returns>The time that the node has from now on.</returns>
    public TimeSpan Begin(TimeSpan? limit)
    {
        bool isFirst;
        var granted = limit ?? TimeSpan.FromSeconds(options.Value.DrainSeconds);
        lock (_lock)
        {
            isFirst = !node.IsDraining;
            (_startedAt, _limit) = (time.GetTimestamp(), granted);
        }
        if (isFirst)
        {
            logger.LogInformation("the node drains: no new rooms; it ends without peers (now {Peers}), or after {Limit}", workers.PeerCount, granted);
            node.BeginDrain();
            _ = WaitAsync();
        }
        return granted;
    }

    /// <summary>Ends the process now, with whatever is left.</summary>
    public void EndNow()
    {
        node.BeginDrain();
        lifetime.StopApplication();
    }

    private async Task WaitAsync()
    {
        while (workers.PeerCount > 0 && !IsOver() && !node.Stopping.IsCancellationRequested)
            await Task.Delay(Interval, time);
        logger.LogInformation("the node ends with {Peers} peers left", workers.PeerCount);
        lifetime.StopApplication();
    }

    private bool IsOver()
    {
        lock (_lock)
            return time.GetElapsedTime(_startedAt) >= _limit;
    }
}
