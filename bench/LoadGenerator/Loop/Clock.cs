using System.Diagnostics;
using MediaNode.Core.Time;

namespace LoadGenerator.Loop;

/// <summary>Nanoseconds since the process started, never set back. Senders and receivers live in one process, so it is also the clock of latencies.</summary>
internal static class Clock
{
    private static readonly DateTimeOffset NtpEpoch = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly long Start = Stopwatch.GetTimestamp();

    public static Instant Now => new(Stopwatch.GetElapsedTime(Start).Ticks * 100);

    /// <summary>Wall-clock time for sender reports.</summary>
    public static NtpClock Ntp { get; } = new(DateTimeOffset.UtcNow - NtpEpoch - (Now - default(Instant)));
}
