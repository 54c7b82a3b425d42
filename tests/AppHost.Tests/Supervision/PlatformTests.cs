using AppHost.Local.Processes;
using AppHost.Local.Servers;
using AppHost.Local.Supervision;
using Platform.Testing;
using LocalPlatform = AppHost.Local.Supervision.Platform;

namespace AppHost.Tests.Supervision;

public sealed class PlatformTests : IDisposable
{
    private const string Sleep = "exec sleep 1000";

    private static readonly SupervisionLimits Limits = new()
    {
        Start = TimeSpan.FromSeconds(10),
        StartPoll = TimeSpan.FromMilliseconds(20),
        HealthPoll = TimeSpan.FromMilliseconds(20),
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Service_starts_only_when_what_it_waits_for_is_healthy()
    {
        var healthFile = Path.Combine(_folder.Path, "healthy");
        await using var platform = Create(
            ShellInstance.Of("service", Sleep, waitsFor: ["database"]),
            ShellInstance.Of("database", Sleep, healthFile: healthFile));
        var start = platform.StartAsync(Cancel);
        await Eventually.BecomesTrue(() => State(platform, "database") is { State: InstanceState.Starting, ProcessId: not null });
        Assert.Equal(InstanceState.Waiting, State(platform, "service").State);
        Assert.False(start.IsCompleted);

        await File.WriteAllTextAsync(healthFile, "", Cancel);
        await start;
        Assert.Equal(InstanceState.Healthy, State(platform, "service").State);
    }

    [Fact]
    public async Task Crashed_process_is_started_again()
    {
        await using var platform = Create(ShellInstance.Of("service", Sleep));
        await platform.StartAsync(Cancel);
        var first = State(platform, "service").ProcessId!.Value;

        Posix.Send(first, Signal.Kill);
        await Eventually.BecomesTrue(() => State(platform, "service") is { State: InstanceState.Healthy, Restarts: 1 });
        Assert.NotEqual(first, State(platform, "service").ProcessId);
    }

    [Fact]
    public async Task Running_process_that_fails_its_health_check_is_shown_as_unhealthy_and_left_running()
    {
        var healthFile = Path.Combine(_folder.Path, "healthy");
        await File.WriteAllTextAsync(healthFile, "", Cancel);
        await using var platform = Create(ShellInstance.Of("service", Sleep, healthFile: healthFile));
        await platform.StartAsync(Cancel);
        var processId = State(platform, "service").ProcessId;

        File.Delete(healthFile);
        await Eventually.BecomesTrue(() => State(platform, "service").State == InstanceState.Unhealthy);
        Assert.Equal(processId, State(platform, "service").ProcessId);
    }

    [Fact]
    public async Task Process_that_dies_at_its_first_start_fails_the_start_with_its_last_lines_and_leaves_nothing_running()
    {
        var platform = Create(
            ShellInstance.Of("database", Sleep),
            ShellInstance.Of("service", "echo no such column; exit 3", waitsFor: ["database"], healthFile: "/nonexistent"));
        var failure = await Assert.ThrowsAsync<ServerStartException>(() => platform.StartAsync(Cancel));
        Assert.Contains("service ended with exit code 3", failure.Message, StringComparison.Ordinal);
        Assert.Contains("no such column", failure.Message, StringComparison.Ordinal);

        var database = State(platform, "database").ProcessId!.Value;
        await platform.DisposeAsync();
        Assert.Null(ProcessTable.Read(database));
    }

    [Fact]
    public async Task Process_that_never_becomes_healthy_fails_the_start_at_the_time_limit()
    {
        await using var platform = new LocalPlatform(
            [ShellInstance.Of("service", Sleep, healthFile: "/nonexistent")], Limits with { Start = TimeSpan.FromMilliseconds(300) }, _ => { }, (_, _) => { });
        var failure = await Assert.ThrowsAsync<ServerStartException>(() => platform.StartAsync(Cancel));
        Assert.Contains("did not become healthy", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dependents_are_stopped_before_what_they_depend_on()
    {
        var order = Path.Combine(_folder.Path, "order");
        await using (var platform = Create(
            Announcing("database", []), Announcing("service", ["database"]), Announcing("gateway", ["service"])))
        {
            await platform.StartAsync(Cancel);
        }
        Assert.Equal(["gateway", "service", "database"], await File.ReadAllLinesAsync(order, Cancel));

        // Healthy once the trap is set, so that the signal cannot come too early.
        Instance Announcing(string name, string[] waitsFor) => ShellInstance.Of(
            name, $"trap 'echo {name} >> {order}; exit 0' TERM; touch {order}.{name}; while :; do sleep 0.05; done", waitsFor, $"{order}.{name}");
    }

    private static LocalPlatform Create(params Instance[] instances) => new(instances, Limits, _ => { }, (_, _) => { });

    private static InstanceStatus State(LocalPlatform platform, string name) => platform.Status.Single(status => status.Instance.Name == name);
}
