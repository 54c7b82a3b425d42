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
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(signals.Token);
        var build = Task.CompletedTask;
        try
        {
            File.Delete(state.StateFile);
            ServerBinaries.RequireFor(resources);
            var start = new TaskCompletionSource();
            build = BuildAsync(start.Task, stop.Token);
            _plan = new PlatformPlan(resources, state, build);
            start.SetResult();
            await RunAsync(_plan, stop.Token);
            return Dispatcher.Success;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return Dispatcher.Success;
        }
        catch (Exception problem) when (problem is ServerStartException or MissingSoftwareException or PortTakenException or BuildFailedException)
        {
            _console.Say("");
            _console.Say(problem.Message);
            _console.Say($"\nThe platform did not start. Logs: {state.Logs}");
            return Dispatcher.Failure;
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
            _console.Say("stopping");
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
    private async Task BuildAsync(Task start, CancellationToken stop)
    {
        if (!builds)
            return;
        await start;
        using var log = new LogFile(state.Log("build"));
        await ServicesBuild.RunAsync(appHostFolder, log.Add, stop);
        await PageBuild.RunAsync(appHostFolder, log.Add, stop);
        _console.Step("build", "done", "", _clock.Elapsed);
    }

    private void Report(InstanceStatus status)
    {
        if (status.State is not InstanceState.Stopped || !_isReady)
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
