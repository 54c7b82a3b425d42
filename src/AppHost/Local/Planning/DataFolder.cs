using System.Security.Cryptography;
using System.Text;
using AppHost.Local.Processes;

namespace AppHost.Local.Planning;

/// <summary>
/// PostgreSQL refuses to run as root, so root runs it as user postgres, who may not enter every folder: a clone in /root, for example. The data
/// then live in /var/lib, in a folder named after the state folder, and a link to it marks the place.
/// </summary>
internal static class DataFolder
{
    private const string ElsewhereRoot = "/var/lib/platform-data";

    public static string For(string path)
    {
        if (!Posix.IsRoot || IsOpenToAll(Path.GetDirectoryName(path)!))
            return path;
        var elsewhere = Path.Combine(ElsewhereRoot, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..16]);
        Directory.CreateDirectory(elsewhere);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (!Path.Exists(path))
            File.CreateSymbolicLink(path, elsewhere);
        return elsewhere;
    }

    private static bool IsOpenToAll(string folder)
    {
        for (var current = new DirectoryInfo(folder); current is not null; current = current.Parent)
        {
            if (current.Exists && !current.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
                return false;
        }
        return true;
    }
}
