using LoadGenerator.Loop;
using MediaNode.Core.Time;

namespace LoadGenerator.Measuring;

/// <summary>Counters at one moment; two of them are a measurement.</summary>
/// <param name="AllocatedBefore">Bytes allocated before the snapshot was taken, to compare with an earlier one's <paramref name="AllocatedAfter"/>:
/// asking the kernel allocates.</param>
internal sealed record Snapshot(
    long AllocatedBefore,
    Instant At,
    Tally Tally,
    TimeSpan Generator,
    TimeSpan Server,
    long SendsRefused,
    long AllocatedAfter)
{
    /// <summary>To be called on the loop's thread, whose allocations are told, and which nothing must hold up: no more than it takes for these to be of one moment.</summary>
    public static Snapshot Take(Tally tally, ServerProcesses server, long sendsRefused) => new(
        GC.GetAllocatedBytesForCurrentThread(),
        Clock.Now,
        tally.Copy(),
        Environment.CpuUsage.TotalTime,
        server.ProcessorTime(),
        sendsRefused,
        GC.GetAllocatedBytesForCurrentThread());
}
