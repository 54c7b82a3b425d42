using MediaNode.Core.Rtcp;

namespace MediaNode.Core.Time;

/// <summary>Wall-clock time for RTCP, tied to the injected clock once: it does not jump when the machine's date is set.</summary>
/// <param name="epochOffset">Time since 1900-01-01 UTC at <see cref="Instant"/> zero.</param>
public sealed class NtpClock(TimeSpan epochOffset)
{
    public NtpTime At(Instant instant) => NtpTime.From(instant, epochOffset);
}
