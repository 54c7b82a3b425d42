using LoadGenerator.Loop;
using MediaNode.Core.Time;

namespace LoadGenerator.Measuring;

/// <summary>Counters at one moment; two of them are a measurement.</summary>
internal sealed record Snapshot(
    Instant At, Tally Tally, TimeSpan Generator, TimeSpan Server, long ServerMemoryBytes, long SendsRefused, long AllocatedBytes, Dictionary<int, long> Drops)
{
    public static Snapshot Take(Tally tally, ServerProcesses server, long sendsRefused) => new(
        Clock.Now,
        tally.Copy(),
        Environment.CpuUsage.TotalTime,
        server.ProcessorTime(),
        server.MemoryBytes(),
        sendsRefused,
        GC.GetTotalAllocatedBytes(),
        SocketDrops.Read());
}
