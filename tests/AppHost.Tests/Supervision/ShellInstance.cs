using AppHost.Local.Processes;
using AppHost.Local.Supervision;

namespace AppHost.Tests.Supervision;

/// <summary>A real process that runs a shell script, and is healthy as soon as a file exists.</summary>
internal sealed class ShellInstance : IRunningInstance
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    private readonly ChildProcess _process;
    private readonly string? _healthFile;

    private ShellInstance(ChildProcess process, string? healthFile) => (_process, _healthFile) = (process, healthFile);

    public int ProcessId => _process.Id;

    public Task<int> Exited => _process.Exited;

    public static Instance Of(string name, string script, string[]? waitsFor = null, string? healthFile = null) => new(name, name, "", waitsFor ?? [])
    {
        StartAsync = async (onLine, _) => new ShellInstance(await ChildProcess.StartAsync(new("sh", ["-c", script]), onLine), healthFile),
    };

    public Task<bool> IsHealthyAsync(CancellationToken cancellationToken) =>
        Task.FromResult(!Exited.IsCompleted && (_healthFile is null || File.Exists(_healthFile)));

    public Task StopAsync() => _process.StopAsync(Signal.Terminate, StopLimit);

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
