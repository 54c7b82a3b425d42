using System.Globalization;

namespace LoadGenerator.Measuring;

/// <summary>CPU time and memory of the server's processes, as the kernel tells them.</summary>
internal sealed class ServerProcesses(IReadOnlyList<int> processIds)
{
    /// <summary>USER_HZ: utime and stime count in hundredths of a second on every Linux.</summary>
    private const int TicksPerSecond = 100;

    /// <summary>Places of utime and stime in /proc/PID/stat, counted from the field behind the name (proc(5)).</summary>
    private const int UserTimeField = 11;
    private const int SystemTimeField = 12;

    public bool IsKnown => processIds.Count > 0;

    public TimeSpan ProcessorTime() => TimeSpan.FromSeconds((double)processIds.Sum(Ticks) / TicksPerSecond);

    /// <summary>Resident set.</summary>
    public long MemoryBytes() => processIds.Sum(ResidentBytes);

    private static long Ticks(int process)
    {
        var stat = File.ReadAllText($"/proc/{process}/stat");
        // The name is in parentheses and may have spaces.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return long.Parse(fields[UserTimeField], CultureInfo.InvariantCulture) + long.Parse(fields[SystemTimeField], CultureInfo.InvariantCulture);
    }

    private static long ResidentBytes(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return 1024 * long.Parse(line["VmRSS:".Length..^"kB".Length], CultureInfo.InvariantCulture);
    }
}
