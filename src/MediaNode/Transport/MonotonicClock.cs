using System.Diagnostics;
using System.Security.Cryptography;
using MediaNode.Core.Entropy;
using MediaNode.Core.Time;

namespace MediaNode.Transport;

/// <summary>The clock that the engines are driven by: nanoseconds since the process started, never set back.</summary>
internal static class MonotonicClock
{
    private static readonly DateTimeOffset NtpEpoch = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly long Start = Stopwatch.GetTimestamp();

    public static Instant Now => new(Stopwatch.GetElapsedTime(Start).Ticks * 100);

    /// <summary>Wall-clock time in NTP form, tied to the monotonic clock once: RTCP's clock must not jump when the machine's is set.</summary>
    public static NtpClock CreateNtpClock() => new(DateTimeOffset.UtcNow - NtpEpoch - (Now - default(Instant)));
}

/// <summary>The operating system's random generator.</summary>
internal sealed class SystemEntropy : IEntropy
{
    public void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);
}
