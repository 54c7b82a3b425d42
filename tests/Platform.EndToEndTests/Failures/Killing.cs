using System.Collections.Immutable;
using System.Diagnostics;
using Platform.EndToEndTests.Calls;
using Platform.Testing;

namespace Platform.EndToEndTests.Failures;

/// <summary>Ends services as the kernel does when memory runs out: at once, without a chance to tidy up.</summary>
internal static class Killing
{
    public static async Task KillAsync(this RunningPlatform platform, string service)
    {
        var status = (await platform.ServicesAsync()).Single(status => status.Name == service);
        Assert.NotEqual(0, status.ProcessId);
        using var process = Process.GetProcessById(status.ProcessId);
        process.Kill();
    }

    /// <summary>Kills a service, and runs what is to be seen meanwhile; then it must be back, and nothing else have been started again.</summary>
    public static async Task KillAndAwaitRestartAsync(this RunningPlatform platform, string service, Func<Task> meanwhile)
    {
        var before = await platform.HealthyAsync();
        await platform.KillAsync(service);
        await meanwhile();
        var killed = before[service];
        await Eventually.BecomesTrue(
            async () => (await platform.ServicesAsync()).Single(status => status.Name == service) is { State: "healthy", ProcessId: not 0 } status
                && status.ProcessId != killed,
            CallRoom.Patience,
            $"{service} is started again");
        var after = await platform.HealthyAsync();
        Assert.NotEqual(killed, after[service]);
        Assert.Equal(before.Remove(service), after.Remove(service));
    }

    /// <summary>Process ids by service, once all are healthy.</summary>
    public static async Task<ImmutableSortedDictionary<string, int>> HealthyAsync(this RunningPlatform platform)
    {
        IReadOnlyList<ServiceStatus> services = [];
        await Eventually.BecomesTrue(
            async () => (services = await platform.ServicesAsync()).All(service => service.State == "healthy"), CallRoom.Patience, "all services are healthy");
        return services.ToImmutableSortedDictionary(service => service.Name, service => service.ProcessId);
    }
}
