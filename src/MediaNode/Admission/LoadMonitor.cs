using System.Diagnostics;
using MediaNode.Transport;
using Microsoft.Extensions.Options;

namespace MediaNode.Admission;

/// <summary>Looks every second at what the workers did, and answers who may come in.</summary>
internal sealed class LoadMonitor(WorkerPool workers, IOptions<NodeOptions> options, IHostApplicationLifetime lifetime) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private volatile NodeLoad _load = NodeLoad.Idle;

    public NodeLimits Limits { get; } = NodeLimits.From(options.Value, workers.Workers.Count);

    public NodeLoad Load => _load;

    /// <summary>For heartbeats: 0 idle, 1 takes no more rooms.</summary>
    public double Use => AdmissionPolicy.LoadOf(Limits, _load, workers.PeerCount);

    public string? RefuseRoom() => AdmissionPolicy.RefuseRoom(Limits, _load, workers.PeerCount);

    public string? RefusePerson(Worker worker) => AdmissionPolicy.RefusePerson(Limits, _load, workers.PeerCount, worker.Load);

    public string? RefusePeer(Worker worker) => AdmissionPolicy.RefusePeer(Limits, _load, workers.PeerCount, worker.Load);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await StartedAsync(stoppingToken);
            using var timer = new PeriodicTimer(Interval);
            var before = Take();
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var now = Take();
                var seconds = Stopwatch.GetElapsedTime(before.At, now.At).TotalSeconds;
                for (var i = 0; i < workers.Workers.Count; i++)
                    workers.Workers[i].Load = Math.Clamp((now.Busy[i] - before.Busy[i]).TotalSeconds / seconds, 0, 1);
                _load = new(
                    (now.Packets - before.Packets) / seconds,
                    (now.Bytes - before.Bytes) * 8 / seconds,
                    [.. workers.Workers.Select(worker => worker.Load)]);
                before = now;
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }

    /// <summary>The node's calls to itself, before it is known to anybody, are nobody's load.</summary>
    private async Task StartedAsync(CancellationToken cancellationToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(cancellationToken);
    }

    private Totals Take() => new(
        Stopwatch.GetTimestamp(),
        workers.Workers.Sum(worker => worker.Engine.Counters.PacketsForwarded),
        workers.Workers.Sum(worker => worker.Engine.Counters.BytesForwarded),
        [.. workers.Workers.Select(worker => worker.Busy)]);

    private sealed record Totals(long At, long Packets, long Bytes, TimeSpan[] Busy);
}
