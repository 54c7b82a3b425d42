using AppHost.Local.Servers;

namespace AppHost.Local.State;

/// <summary>Where the platform keeps what outlives it: data, logs, secrets and its state for the other commands.</summary>
internal sealed class StateFolder
{
    public const string Variable = "PLATFORM_STATE";

    private StateFolder(string path) => Path = path;

    public string Path { get; }
    public string StateFile => System.IO.Path.Combine(Path, "state.json");
    public string Logs => System.IO.Path.Combine(Path, "logs");
    public PrivateFolder Secrets => new(System.IO.Path.Combine(Path, "secrets"));

    /// <summary>The folder named by <c>PLATFORM_STATE</c>, else <c>.platform</c> in <paramref name="root"/>.</summary>
    public static StateFolder Open(string root)
    {
        var path = System.IO.Path.GetFullPath(Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named : System.IO.Path.Combine(root, ".platform"));
        Directory.CreateDirectory(path);
        return new(path);
    }

    public string Data(string name) => System.IO.Path.Combine(Path, "data", name);

    public string Log(string name) => System.IO.Path.Combine(Logs, $"{name}.log");

    /// <summary>Held for as long as a platform runs from this folder; the system releases it however the holder ends.</summary>
    /// <returns>Null when another process holds it.</returns>
    public FileStream? TryLock()
    {
        try
        {
            return new FileStream(System.IO.Path.Combine(Path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
