namespace AppHost.Local.Supervision;

/// <summary>Something that runs as a process of ours.</summary>
internal interface IRunningInstance : IAsyncDisposable
{
    int ProcessId { get; }

    /// <summary>Completes with the exit code when it has ended, for whatever reason.</summary>
    Task<int> Exited { get; }

    Task<bool> IsHealthyAsync(CancellationToken cancellationToken);

    /// <summary>Asks it to end, then makes it.</summary>
    Task StopAsync();
}
