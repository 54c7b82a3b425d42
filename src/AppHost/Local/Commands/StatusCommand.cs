using System.Text.Json;
using AppHost.Local.Processes;
using AppHost.Local.State;
using AppHost.Local.Supervision;

namespace AppHost.Local.Commands;

/// <summary>What runs, where, and how it is. Succeeds when all of it is healthy.</summary>
internal static class StatusCommand
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static int Run(StateFolder folder, bool isJson)
    {
        if (PlatformState.Read(folder) is not { } state)
        {
            Console.Error.WriteLine($"No platform runs from {folder.Path}. Start one with ./platform up");
            return Dispatcher.Failure;
        }
        Console.WriteLine(isJson ? Json(state) : Table(state));
        return state.IsReady && state.Services.All(service => service.State == InstanceState.Healthy) ? Dispatcher.Success : Dispatcher.Failure;
    }

    private static string Json(PlatformState state) => JsonSerializer.Serialize(
        new
        {
            state.Gateway,
            state.Application,
            Services = state.Services.Select(service => new
            {
                service.Name,
                service.Pid,
                service.Address,
                State = service.State.ToString().ToLowerInvariant(),
                MemoryBytes = MemoryBytes(service),
            }),
        },
        Format);

    private static string Table(PlatformState state) => string.Join('\n',
        state.Services
            .Select(service => Row(service.Name, service.State.ToString().ToLowerInvariant(), service.Address, $"{service.Pid}", $"{MemoryBytes(service) / (1024 * 1024)} MiB", $"{service.Restarts}"))
            .Prepend(Row("SERVICE", "STATE", "ADDRESS", "PID", "MEMORY", "RESTARTS")));

    private static string Row(string name, string state, string address, string processId, string memory, string restarts) =>
        $"{name,-16} {state,-11} {address,-28} {processId,8} {memory,10} {restarts,9}";

    /// <summary>Resident memory of the process itself, without its children.</summary>
    private static long MemoryBytes(ServiceState service) => service.Pid is { } id && ProcessTable.Read(id) is { } process ? process.MemoryBytes : 0;
}
