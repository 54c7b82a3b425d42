using System.Diagnostics;
using AppHost.Local.Servers;

namespace AppHost.Local.Supervision;

/// <summary>
/// Keeps one instance running. Its first start must succeed; after that a process that ends is started again after a growing pause.
/// </summary>
internal sealed class Supervisor(Instance instance, SupervisionLimits limits, Stopwatch clock, Action<InstanceStatus> report, Action<string> log)
{
    private readonly TaskCompletionSource _firstHealthy = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly LastLines _lines = new();
    private readonly RestartBackoff _backoff = new();
    private IRunningInstance? _running;
    private int _restarts;

    public Instance Instance { get; } = instance;

    /// <summary>Fails when the first start does; never completes when that is cut short.</summary>
    public Task FirstHealthy => _firstHealthy.Task;

    public InstanceStatus Status { get; private set; } = new(instance, InstanceState.Waiting, null, 0, TimeSpan.Zero);

    /// <param name="dependencies">Completes when all that the instance waits for is healthy.</param>
    /// <param name="stop">Ends the supervision, and leaves the process to <see cref="StopAsync"/>.</param>
    public async Task RunAsync(Task dependencies, CancellationToken stop)
    {
        if (!await WaitForAsync(dependencies, stop))
            return;
        try
        {
            await StartUntilHealthyAsync(stop);
            _firstHealthy.TrySetResult();
            while (true)
            {
                var uptime = Stopwatch.StartNew();
                await WatchAsync(stop);
                await RestartAsync(uptime.Elapsed, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Told to stop: not a failure.
        }
        catch (Exception problem)
        {
            Set(InstanceState.Failed);
            _firstHealthy.TrySetException(problem);
        }
    }

    public async Task StopAsync()
    {
        if (_running is { } running)
        {
            await running.StopAsync();
            await running.DisposeAsync();
            _running = null;
        }
        if (Status.State != InstanceState.Failed)
            Set(InstanceState.Stopped);
    }

    /// <returns>False when there is nothing to start any more. A dependency's failure is that one's to report.</returns>
    private async Task<bool> WaitForAsync(Task dependencies, CancellationToken stop)
    {
        try
        {
            await dependencies.WaitAsync(stop);
            return true;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception problem)
        {
            _firstHealthy.TrySetException(problem);
            return false;
        }
    }

    private async Task StartUntilHealthyAsync(CancellationToken stop)
    {
        Set(InstanceState.Starting);
        _running = await Instance.StartAsync(Listen, stop);
        Set(InstanceState.Starting);
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(stop);
        timer.CancelAfter(limits.Start);
        try
        {
            while (!await _running.IsHealthyAsync(timer.Token))
            {
                if (await EndsWithinAsync(limits.StartPoll, timer.Token))
                    throw new ServerStartException($"{Instance.Name} ended with exit code {await _running.Exited} while it started.", _lines.Take());
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new ServerStartException($"{Instance.Name} did not become healthy within {limits.Start.TotalSeconds:0} s.", _lines.Take());
        }
        Set(InstanceState.Healthy);
    }

    /// <summary>Polls the health of the running process until it ends.</summary>
    private async Task WatchAsync(CancellationToken stop)
    {
        while (!await EndsWithinAsync(limits.HealthPoll, stop))
        {
            var state = await _running!.IsHealthyAsync(stop) ? InstanceState.Healthy : InstanceState.Unhealthy;
            if (state != Status.State && !_running.Exited.IsCompleted)
                Set(state);
        }
    }

    private async Task RestartAsync(TimeSpan uptime, CancellationToken stop)
    {
        while (true)
        {
            var pause = _backoff.Next(uptime);
            await LeaveAsync();
            Set(InstanceState.Restarting);
            log($"ended; starts again in {pause.TotalSeconds:0.#} s");
            await Task.Delay(pause, stop);
            _restarts++;
            try
            {
                await StartUntilHealthyAsync(stop);
                return;
            }
            catch (ServerStartException problem)
            {
                log(problem.Message);
                uptime = TimeSpan.Zero;
            }
        }
    }

    /// <summary>Removes what is left of an ended process: its process group may outlive it.</summary>
    private async Task LeaveAsync()
    {
        if (_running is not { } ended)
            return;
        _running = null;
        await ended.DisposeAsync();
    }

    private async Task<bool> EndsWithinAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        await Task.WhenAny(_running!.Exited, Task.Delay(pause, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        return _running.Exited.IsCompleted;
    }

    private void Listen(string line)
    {
        _lines.Add(line);
        log(line);
    }

    private void Set(InstanceState state)
    {
        Status = new(Instance, state, _running?.ProcessId, _restarts, clock.Elapsed);
        report(Status);
    }
}
