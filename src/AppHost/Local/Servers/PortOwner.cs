using System.Globalization;

namespace AppHost.Local.Servers;

/// <summary>Who listens on a TCP port, as far as /proc lets us see.</summary>
internal static class PortOwner
{
    private const string Listening = "0A";

    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <returns>Such as "python3 (process 4711)"; null when unknown, for example another user's process.</returns>
    public static string? Find(int port)
    {
        var sockets = Tables
            .Where(File.Exists).SelectMany(table => ListeningInodes(table, port)).Select(inode => $"socket:[{inode}]").ToHashSet();
        if (sockets.Count == 0)
            return null;
        foreach (var folder in Directory.GetDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out var processId) && Holds(folder, sockets))
                return $"{Name(folder)} (process {processId})";
        }
        return null;
    }

    /// <summary>Columns of proc_net_tcp: slot, local address:port (hexadecimal), remote, state, ..., the socket's inode is the tenth.</summary>
    private static IEnumerable<string> ListeningInodes(string table, int port)
    {
        var suffix = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        return File.ReadLines(table).Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words.Length > 9 && words[1].EndsWith(suffix, StringComparison.Ordinal) && words[3] == Listening)
            .Select(words => words[9]);
    }

    private static bool Holds(string processFolder, HashSet<string> sockets)
    {
        try
        {
            return Directory.GetFiles(Path.Combine(processFolder, "fd"))
                .Any(descriptor => new FileInfo(descriptor).LinkTarget is { } target && sockets.Contains(target));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Name(string processFolder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(processFolder, "comm")).Trim();
        }
        catch (IOException)
        {
            return "a program";
        }
    }
}
