using System.Text.Json;
using System.Text.Json.Serialization;
using AppHost.Local.Servers;
using AppHost.Local.Supervision;

namespace AppHost.Local.State;

internal sealed record ApplicationAccess(long Id, string AuthKey);

internal sealed record ServiceState(string Name, int? Pid, string Address, InstanceState State, int Restarts);

/// <summary>What the running platform tells the other commands (state.json in the state folder).</summary>
internal sealed record PlatformState(
    int ProcessId, bool IsReady, string Gateway, ApplicationAccess Application, IReadOnlyList<ServiceState> Services)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>By way of another file, so that a reader never sees half of it.</summary>
    public void Write(StateFolder folder)
    {
        var state = new PrivateFolder(folder.Path);
        state.WritePrivate("state.json.new", JsonSerializer.Serialize(this, Format));
        File.Move(state.File("state.json.new"), folder.StateFile, overwrite: true);
    }

    /// <returns>Null when no platform runs from this folder.</returns>
    public static PlatformState? Read(StateFolder folder)
    {
        using var free = folder.TryLock();
        if (free is not null || !File.Exists(folder.StateFile))
            return null;
        return JsonSerializer.Deserialize<PlatformState>(File.ReadAllText(folder.StateFile), Format);
    }
}
