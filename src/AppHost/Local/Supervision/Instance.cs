namespace AppHost.Local.Supervision;

/// <summary>One process to be kept running: a server, or one replica of a service.</summary>
/// <param name="Name">Unique: the resource's name, with the replica's number when there are several.</param>
/// <param name="Resource">The resource's name, which others wait for.</param>
/// <param name="Address">Where it is reached, for people.</param>
/// <param name="WaitsFor">Resources all of whose instances must be healthy before this one starts.</param>
internal sealed record Instance(string Name, string Resource, string Address, IReadOnlyList<string> WaitsFor)
{
    /// <summary>Starts the process; each line that it writes goes to the listener.</summary>
    public required Func<Action<string>, CancellationToken, Task<IRunningInstance>> StartAsync { get; init; }

    /// <summary>Work outside the model that must be done first, such as the build; null for none.</summary>
    public Task? Prerequisite { get; init; }
}

internal enum InstanceState
{
    Waiting,
    Starting,
    Healthy,

    /// <summary>It runs, but its health check says no.</summary>
    Unhealthy,

    /// <summary>It ended by itself and is started again after a pause.</summary>
    Restarting,

    /// <summary>Its first start failed; it is not tried again.</summary>
    Failed,
    Stopped,
}

/// <param name="Since">Time from the platform's start to this state.</param>
internal sealed record InstanceStatus(Instance Instance, InstanceState State, int? ProcessId, int Restarts, TimeSpan Since);
