using System.Globalization;

namespace LoadGenerator.Soak;

/// <summary>What a process holds, as the kernel counts it.</summary>
/// <param name="AnonymousBytes">Resident memory of its own: heaps, stacks, buffers. Pages of mapped files, such as its code, are not among it.</param>
/// <param name="Descriptors">Files, sockets, events.</param>
/// <param name="Threads">Of any kind.</param>
internal sealed record ProcessUsage(long AnonymousBytes, int Descriptors, int Threads)
{
    /// <exception cref="IOException">There is no such process.</exception>
    public static ProcessUsage Read(int process)
    {
        var status = File.ReadAllLines($"/proc/{process}/status");
        return new(1024 * Field(status, "RssAnon:"), Directory.GetFileSystemEntries($"/proc/{process}/fd").Length, (int)Field(status, "Threads:"));
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{AnonymousBytes / 1e6:F1} MB, {Descriptors} descriptors, {Threads} threads");

    private static long Field(string[] status, string name)
    {
        var line = Array.Find(status, line => line.StartsWith(name, StringComparison.Ordinal)) ?? throw new IOException($"/proc has no {name}");
        return long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }
}
