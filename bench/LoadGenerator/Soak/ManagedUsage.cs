using System.Diagnostics.Tracing;
using System.Globalization;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;
using Microsoft.Diagnostics.Tracing.Parsers;

namespace LoadGenerator.Soak;

/// <summary>What a .NET process holds, as its runtime counts it right after a full collection: what is reachable, and no garbage.</summary>
/// <param name="LiveBytes">All generations, large and pinned objects included.</param>
/// <param name="Handles">References from outside the heap (pinned buffers, weak references, native callbacks).</param>
/// <param name="Timers">Active ones of System.Threading.</param>
internal sealed record ManagedUsage(long LiveBytes, long Handles, int Timers)
{
    /// <summary>Asked for in a session's keywords, the runtime collects when the session begins.</summary>
    private const long CollectNow = (long)ClrTraceEventParser.Keywords.GCHeapCollect;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Collects twice, for what the first collection finds only finalizable is free after the second.</summary>
    /// <exception cref="TimeoutException">The process did not answer.</exception>
    /// <exception cref="ServerNotAvailableException">It is no .NET process, or another user's.</exception>
    public static async Task<ManagedUsage> CollectAsync(int process)
    {
        await CollectOnceAsync(process);
        return await CollectOnceAsync(process);
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{LiveBytes / 1e6:F2} MB reachable, {Handles} handles, {Timers} timers");

    private static async Task<ManagedUsage> CollectOnceAsync(int process)
    {
        EventPipeProvider[] providers =
        [
            new("Microsoft-Windows-DotNETRuntime", EventLevel.Informational, (long)ClrTraceEventParser.Keywords.GC | CollectNow),
            new("System.Runtime", EventLevel.Informational, 0, new Dictionary<string, string> { ["EventCounterIntervalSec"] = "1" }),
        ];
        using var session = await new DiagnosticsClient(process).StartEventPipeSessionAsync(providers, requestRundown: false, token: CancellationToken.None);
        var collected = new TaskCompletionSource<(long Bytes, long Handles)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var timers = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var reading = Task.Run(() =>
        {
            using var source = new EventPipeEventSource(session.EventStream);
            source.Clr.GCHeapStats += sizes => collected.TrySetResult((sizes.TotalHeapSize, sizes.GCHandleCount));
            source.Dynamic.All += message =>
            {
                if (message.EventName == "EventCounters" && message.PayloadValue(0) is IDictionary<string, object> { Count: > 0 } outer
                    && outer["Payload"] is IDictionary<string, object> counter && counter["Name"] is "active-timer-count")
                    timers.TrySetResult(Convert.ToInt32(counter["Mean"], CultureInfo.InvariantCulture));
            };
            source.Process();
        });
        var (bytes, handles) = await collected.Task.WaitAsync(Patience);
        var usage = new ManagedUsage(bytes, handles, await timers.Task.WaitAsync(Patience));
        await session.StopAsync(CancellationToken.None);
        await reading.WaitAsync(Patience);
        return usage;
    }
}
