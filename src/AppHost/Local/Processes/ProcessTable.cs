using System.Globalization;

namespace AppHost.Local.Processes;

/// <summary>What the kernel says about a process.</summary>
/// <param name="StartTicks">Start time in clock ticks since boot, as text.</param>
internal sealed record ProcessState(int Id, bool IsRunning, int GroupId, string StartTicks, long MemoryBytes);

/// <summary>Reads /proc; other systems than Linux have none, and every process reads as unknown there.</summary>
internal static class ProcessTable
{
    public static ProcessState? Read(int processId)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{processId}/stat");
            // proc(5): the name in parentheses may hold anything; what follows the last one is plain words from field 3 on.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            var state = fields[0];
            var pages = long.Parse(fields[21], CultureInfo.InvariantCulture);
            return new(processId, state is not ("Z" or "X"), int.Parse(fields[2], CultureInfo.InvariantCulture), fields[19], pages * Environment.SystemPageSize);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
