using System.Globalization;

namespace LoadGenerator.Measuring;

/// <summary>Datagrams that the kernel threw away because a socket's receive buffer was full, by local port.</summary>
internal static class SocketDrops
{
    private static readonly string[] Tables = ["/proc/net/udp", "/proc/net/udp6"];

    public static Dictionary<int, long> Read()
    {
        var drops = new Dictionary<int, long>();
        foreach (var line in Tables.Where(File.Exists).SelectMany(table => File.ReadLines(table).Skip(1)))
        {
            // "sl local_address rem_address st ... drops": the port is hexadecimal behind the colon, drops come last.
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var port = int.Parse(fields[1].AsSpan(fields[1].IndexOf(':', StringComparison.Ordinal) + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            drops[port] = drops.GetValueOrDefault(port) + long.Parse(fields[^1], CultureInfo.InvariantCulture);
        }
        return drops;
    }

    /// <summary>Growth over the sockets of these ports.</summary>
    public static long Since(this Dictionary<int, long> now, Dictionary<int, long> before, IEnumerable<int> ports) =>
        ports.Distinct().Sum(port => Math.Max(0, now.GetValueOrDefault(port) - before.GetValueOrDefault(port)));
}
