using System.Globalization;

namespace LoadGenerator.Soak;

/// <summary>What a process holds, as the kernel counts it.</summary>
/// <param name="AnonymousBytes">Resident memory of its own: heaps, stacks, buffers. Pages of mapped files, such as its code, are not among it.</param>
/// <param name="NativeBytes">What of that is not the garbage collector's: OpenSSL's, the runtime's, stacks.</param>
/// <param name="Descriptors">Files, sockets, events.</param>
/// <param name="Threads">Of any kind.</param>
internal sealed record ProcessUsage(long AnonymousBytes, long NativeBytes, int Descriptors, int Threads)
{
    /// <exception cref="IOException">There is no such process.</exception>
    public static ProcessUsage Read(int process)
    {
        var (anonymous, largest) = ReadAnonymous(File.ReadLines($"/proc/{process}/smaps"));
        var threads = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("Threads:", StringComparison.Ordinal));
        return new(anonymous, anonymous - largest, Directory.GetFileSystemEntries($"/proc/{process}/fd").Length, (int)Number(threads));
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{AnonymousBytes / 1e6:F1} MB, {NativeBytes / 1e6:F1} MB of it native, {Descriptors} descriptors, {Threads} threads");

    /// <summary>
    /// Anonymous resident memory of all mappings, and of those in the largest range of addresses without a gap or a name: the collector reserves far more than anything else does,
    /// and what it takes into use of that lies side by side.
    /// </summary>
    /// <param name="smaps">A line "from-to permissions offset device inode name" for each mapping (proc(5)), and behind it lines "Field: value kB".</param>
    internal static (long All, long InLargestRange) ReadAnonymous(IEnumerable<string> smaps)
    {
        long all = 0, inRange = 0, inLargest = 0;
        ulong from = 0, to = 0, largest = 0;
        foreach (var line in smaps)
        {
            if (line.StartsWith("Anonymous:", StringComparison.Ordinal))
            {
                var bytes = 1024 * Number(line);
                (all, inRange) = (all + bytes, inRange + bytes);
                if (to - from >= largest)
                    (largest, inLargest) = (to - from, inRange);
            }
            else if (TryReadMapping(line, out var begin, out var end, out var isNamed))
            {
                if (begin != to || isNamed)
                    (from, inRange) = (begin, 0);
                to = isNamed ? from : end;
            }
        }
        return (all, inLargest);
    }

    private static bool TryReadMapping(string line, out ulong begin, out ulong end, out bool isNamed)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var addresses = words[0].Split('-');
        isNamed = words.Length > 5;
        end = 0;
        return ulong.TryParse(addresses[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out begin)
            && addresses.Length == 2 && ulong.TryParse(addresses[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out end);
    }

    private static long Number(string line) => long.Parse(line.AsSpan(line.IndexOf(':', StringComparison.Ordinal) + 1).ToString().Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
}
