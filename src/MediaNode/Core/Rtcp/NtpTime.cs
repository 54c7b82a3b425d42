using MediaNode.Core.Time;

namespace MediaNode.Core.Rtcp;

/// <summary>64-bit NTP time: seconds since 1900 as 32.32 fixed point (RFC 3550 section 4).</summary>
public readonly record struct NtpTime(ulong Value)
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>The middle 32 bits, which reports carry as "last SR" in units of 1/65536 second.</summary>
    public uint Middle => (uint)(Value >> 16);

    /// <param name="epochOffset">What to add to the instant to get the time since 1900-01-01 UTC. The host, which knows the date, injects it.</param>
    public static NtpTime From(Instant instant, TimeSpan epochOffset)
    {
        var nanoseconds = (Int128)epochOffset.Ticks * 100 + instant.Nanoseconds;
        return new NtpTime((ulong)(nanoseconds * (Int128)(1UL << 32) / NanosecondsPerSecond));
    }

    public static NtpTime operator +(NtpTime left, TimeSpan right) =>
        new(unchecked(left.Value + (ulong)((Int128)right.Ticks * (Int128)(1UL << 32) / TimeSpan.TicksPerSecond)));

    public static NtpTime Add(NtpTime left, TimeSpan right) => left + right;

    /// <summary>Rounded to the tick of 100 ns; the era (136 years) is lost, as on the wire.</summary>
    public TimeSpan SinceEpoch => TimeSpan.FromTicks((long)((UInt128)Value * TimeSpan.TicksPerSecond >> 32));

    /// <summary>A span in units of 1/65536 second, as in "delay since last SR"; saturates.</summary>
    public static uint ToShort(TimeSpan span) => (uint)Math.Clamp(span.Ticks * 65536.0 / TimeSpan.TicksPerSecond, 0, uint.MaxValue);

    public static TimeSpan FromShort(uint value) => TimeSpan.FromTicks((long)value * TimeSpan.TicksPerSecond >> 16);

    /// <summary>
    /// RFC 3550 section 6.4.1: round-trip time from a report block that arrived now. Null when there was no SR to answer, or when the
    /// numbers make no sense.
    /// </summary>
    public TimeSpan? RoundTrip(uint lastSenderReport, uint delaySinceLastSenderReport)
    {
        if (lastSenderReport == 0)
            return null;
        var elapsed = unchecked(Middle - lastSenderReport - delaySinceLastSenderReport);
        // A negative difference shows as half of the range or more: clocks or the peer are off by more than a packet's flight.
        return elapsed >= 0x8000_0000 ? null : FromShort(elapsed);
    }
}
