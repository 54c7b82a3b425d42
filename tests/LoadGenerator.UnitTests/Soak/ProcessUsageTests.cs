using LoadGenerator.Soak;

namespace LoadGenerator.UnitTests.Soak;

public sealed class ProcessUsageTests
{
    [Fact]
    public void Largest_range_without_a_gap_is_told_apart()
    {
        var (all, inLargest) = ProcessUsage.ReadAnonymous(
        [
            "1000-5000 rw-p 00000000 00:00 0 [heap]",
            "Rss:                  16 kB",
            "Anonymous:            16 kB",
            "10000-20000 rw-p 00000000 00:00 0 ",
            "Anonymous:             4 kB",
            "20000-80000 ---p 00000000 00:00 0 ",
            "Anonymous:             0 kB",
            "80000-90000 rw-p 00000000 00:00 0 ",
            "Anonymous:             8 kB",
            "VmFlags: rd wr mr mw me ac ",
            "90000-f0000000 r--p 00000000 08:01 17   /usr/lib/libc.so.6",
            "Anonymous:             1 kB",
            "100000000-100010000 rw-p 00000000 00:00 0 ",
            "Anonymous:             2 kB",
        ]);

        Assert.Equal((31 * 1024, 12 * 1024), (all, inLargest));
    }

    [Fact]
    public void Own_process_has_memory_of_both_kinds()
    {
        var kept = new byte[50_000_000];
        Array.Fill(kept, (byte)1);

        var usage = ProcessUsage.Read(Environment.ProcessId);

        Assert.InRange(usage.NativeBytes, 1_000_000, usage.AnonymousBytes - kept.Length);
        Assert.True(usage is { Descriptors: > 0, Threads: > 0 });
        GC.KeepAlive(kept);
    }
}
