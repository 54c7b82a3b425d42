using System.Diagnostics;

namespace AppHost.Local.Supervision;

/// <summary>All instances of a platform: started in the order of what waits for what, stopped in the reverse order.</summary>
internal sealed class Platform : IAsyncDisposable
{
    private readonly List<Supervisor> _supervisors;
    private readonly CancellationTokenSource _stop = new();
    private List<Task> _runs = [];

    /// <param name="report">Called at each change of an instance's state, from any thread.</param>
    /// <param name="log">Called with an instance's name and a line of its output.</param>
    public Platform(IReadOnlyList<Instance> instances, SupervisionLimits limits, Action<InstanceStatus> report, Action<string, string> log)
    {
        var clock = Stopwatch.StartNew();
        _supervisors = [.. instances.Select(instance => new Supervisor(instance, limits, clock, report, line => log(instance.Name, line)))];
    }

    public IReadOnlyList<InstanceStatus> Status => [.. _supervisors.Select(supervisor => supervisor.Status)];

    /// <summary>Returns when every instance is healthy. Fails with the first instance that cannot be started; the caller then disposes.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _runs = [.. _supervisors.Select(supervisor => supervisor.RunAsync(DependenciesOf(supervisor.Instance), _stop.Token))];
        var waiting = _supervisors.Select(supervisor => supervisor.FirstHealthy).ToList();
        while (waiting.Count > 0)
        {
            var ended = await Task.WhenAny(waiting).WaitAsync(cancellationToken);
            await ended;
            waiting.Remove(ended);
        }
    }

    /// <summary>Those that wait for most are stopped first, so that no service loses its database before it has finished.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_runs);
        foreach (var level in _supervisors.GroupBy(supervisor => Depth(supervisor.Instance)).OrderByDescending(level => level.Key))
            await Task.WhenAll(level.Select(supervisor => supervisor.StopAsync()));
        _stop.Dispose();
    }

    private Task DependenciesOf(Instance instance) =>
        Task.WhenAll(_supervisors
            .Where(other => instance.WaitsFor.Contains(other.Instance.Resource))
            .Select(other => other.FirstHealthy)
            .Append(instance.Prerequisite ?? Task.CompletedTask));

    private int Depth(Instance instance) =>
        1 + _supervisors
            .Where(other => instance.WaitsFor.Contains(other.Instance.Resource))
            .Select(other => Depth(other.Instance))
            .DefaultIfEmpty(0)
            .Max();
}
