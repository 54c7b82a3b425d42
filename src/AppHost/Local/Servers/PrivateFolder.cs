using System.Security.Cryptography;
using AppHost.Local.Processes;

namespace AppHost.Local.Servers;

/// <summary>A folder for secrets and data of one server or of the platform: what it generated, and a note of the process that works in it.</summary>
internal sealed class PrivateFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>How long a server of an earlier run, whose starter was killed, may take to finish its own shutdown.</summary>
    private static readonly TimeSpan PredecessorLimit = TimeSpan.FromSeconds(20);

    public PrivateFolder(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>The secret kept in file <paramref name="name"/>, made at the first call. Letters and digits only, so it needs no escaping anywhere.</summary>
    public string Secret(string name)
    {
        if (!System.IO.File.Exists(File(name)))
            WritePrivate(name, RandomNumberGenerator.GetHexString(32, lowercase: true));
        return System.IO.File.ReadAllText(File(name)).Trim();
    }

    public void WritePrivate(string name, string content)
    {
        using var stream = new FileStream(
            File(name), new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly });
        using var writer = new StreamWriter(stream);
        writer.Write(content);
    }

    /// <summary>Two servers in one folder destroy its data, so an earlier one must be gone first.</summary>
    public async Task WaitForPredecessorAsync(CancellationToken cancellationToken)
    {
        var deadline = DateTime.UtcNow + PredecessorLimit;
        while (Occupant() is { } processId)
        {
            if (DateTime.UtcNow > deadline)
                throw new ServerStartException($"Process {processId} already works in {Path}. Stop it, or use another folder.", []);
            await Task.Delay(100, cancellationToken);
        }
    }

    public void SetOccupant(int processId) => WritePrivate("pid", $"{processId} {StartTicks(processId)}");

    public void ClearOccupant() => System.IO.File.Delete(File("pid"));

    /// <summary>A process id alone may belong to somebody else after a reboot; together with its start time it cannot.</summary>
    private int? Occupant()
    {
        if (!System.IO.File.Exists(File("pid")))
            return null;
        var words = System.IO.File.ReadAllText(File("pid")).Split(' ');
        return words.Length == 2 && int.TryParse(words[0], out var processId) && StartTicks(processId) is { } ticks && ticks == words[1]
            ? processId
            : null;
    }

    /// <returns>Null when the process does not exist or has ended.</returns>
    private static string? StartTicks(int processId) => ProcessTable.Read(processId) is { IsRunning: true } process ? process.StartTicks : null;
}
