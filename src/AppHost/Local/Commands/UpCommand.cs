using System.Diagnostics;
using AppHost.Local.Builds;
using AppHost.Local.Planning;
using AppHost.Local.Servers;
using AppHost.Local.State;
using AppHost.Local.Supervision;
using Aspire.Hosting.ApplicationModel;

namespace AppHost.Local.Commands;

/// <summary>Starts the platform and keeps it running until told to stop.</summary>
internal sealed class UpCommand(IReadOnlyList<IResource> resources, StateFolder state, string appHostFolder, bool builds) : IAsyncDisposable
{
    private readonly PlatformConsole _console = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LogFile> _logs = [];
    private PlatformPlan? _plan;
    private Platform? _platform;
    private bool _isReady;

    public async Task<int> RunAsync()
    {
        using var occupied = state.TryLock();
        if (occupied is null)
        {
            _console.Say($"A platform already runs from {state.Path}. ./platform status shows it, ./platform down stops it.");
            return Dispatcher.Failure;
        }
        using var signals = new StopSignals();
        var problem = await TryRunAsync(signals.Token);
        if (problem is null)
            return Dispatcher.Success;
        _console.Say($"\n{problem}\n\nThe platform did not start, and nothing of it runs. Logs: {state.Logs}");
        return Dispatcher.Failure;
    }

    /// <returns>Why it could not start; null when it was told to stop.</returns>
    private async Task<string?> TryRunAsync(CancellationToken told)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(told);
        var planned = new TaskCompletionSource();
        var build = BuildAsync(planned.Task, stop.Token);
        try
        {
            File.Delete(state.StateFile);
            ServerBinaries.RequireFor(resources);
            _plan = new PlatformPlan(resources, state, build);
            planned.SetResult();
            await RunAsync(_plan, stop.Token);
            return null;
        }
        catch (OperationCanceledException) when (told.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception problem) when (problem is ServerStartException or MissingSoftwareException or PortTakenException or BuildFailedException)
        {
            return problem.Message;
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAny(build);
            await DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_platform is not null)
        {
            _console.Say("Stopping");
            await _platform.DisposeAsync();
            _platform = null;
        }
        File.Delete(state.StateFile);
        foreach (var log in _logs.Values)
            log.Dispose();
    }

    private async Task RunAsync(PlatformPlan plan, CancellationToken stop)
    {
        foreach (var instance in plan.Instances)
            _logs[instance.Name] = new LogFile(state.Log(instance.Name));
        _console.Say($"Starting the platform; state and data are in {state.Path}");
        _platform = new Platform(plan.Instances, new SupervisionLimits(), Report, Log);
        WriteState();
        await _platform.StartAsync(stop);
        _isReady = true;
        WriteState();
        Greeting.Print(_console, plan, state, _clock.Elapsed);
        _console.ShowLogs();
        await Task.Delay(Timeout.Infinite, stop);
    }

    /// <summary>The page and the services, one after the other: they compete for the same cores.</summary>
    private async Task BuildAsync(Task planned, CancellationToken stop)
    {
        if (!builds)
            return;
        await planned.WaitAsync(stop);
        using var log = new LogFile(state.Log("build"));
        await ServicesBuild.RunAsync(appHostFolder, log.Add, stop);
        await PageBuild.RunAsync(appHostFolder, log.Add, stop);
        _console.Step("build", "done", "", _clock.Elapsed);
    }

    private void Report(InstanceStatus status)
    {
        if (status.State != InstanceState.Stopped)
            _console.Step(status);
        WriteState();
    }

    private void Log(string name, string line)
    {
        _logs[name].Add(line);
        _console.Log(name, line);
    }

    private void WriteState()
    {
        lock (_gate)
        {
            if (_platform is { } platform && _plan is { } plan)
            {
                new PlatformState(
                    Environment.ProcessId, _isReady, plan.Gateway, plan.Application,
                    [.. platform.Status.Select(item => new ServiceState(item.Instance.Name, item.ProcessId, item.Instance.Address, item.State, item.Restarts))])
                    .Write(state);
            }
        }
    }
}
