using AppHost.Local.Processes;

namespace AppHost.Local.Supervision;

/// <summary>A service of the platform: a process whose health is asked by HTTP.</summary>
internal sealed class ServiceProcess : IRunningInstance
{
    /// <summary>A service finishes the requests it has and closes its connections.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(15);

    private readonly ChildProcess _process;
    private readonly HealthProbe? _health;

    private ServiceProcess(ChildProcess process, Uri? health) =>
        (_process, _health) = (process, health is null ? null : new HealthProbe(health));

    public int ProcessId => _process.Id;

    public Task<int> Exited => _process.Exited;

    /// <param name="health">Null when there is nothing to ask; it then counts as healthy while it runs.</param>
    public static async Task<IRunningInstance> StartAsync(ChildCommand command, Uri? health, Action<string> onLine) =>
        new ServiceProcess(await ChildProcess.StartAsync(command, onLine), health);

    public async Task<bool> IsHealthyAsync(CancellationToken cancellationToken) =>
        !Exited.IsCompleted && (_health is null || await _health.IsHealthyAsync(cancellationToken));

    public Task StopAsync() => _process.StopAsync(Signal.Terminate, StopLimit);

    public async ValueTask DisposeAsync()
    {
        _health?.Dispose();
        await _process.DisposeAsync();
    }
}
