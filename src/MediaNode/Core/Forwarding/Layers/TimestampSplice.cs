
namespace MediaNode.Core.Forwarding.Layers;

/// <summary>Where on the subscriber's clock a newly chosen encoding goes on.</summary>
internal static class TimestampSplice
{
    /// <summary>
    /// Distance between what the sender reports say and what the arrival says, past which the reports are not believed: an encoder's delay is far less.
    /// </summary>
    private static readonly TimeSpan MostDisagreement = TimeSpan.FromSeconds(1);

    /// <param name="from">Clock of the encoding left, by its last sender report.</param>
    /// <param name="fromOffset">What the subscriber's timestamps were higher by.</param>
    /// <param name="to">Clock of the encoding that begins.</param>
    /// <param name="timestamp">Of its first frame.</param>
    /// <param name="last">Newest timestamp that the subscriber has.</param>
    /// <param name="sinceLast">Time since that one was sent.</param>
    /// <param name="clockRate">Of all encodings of the track, in Hz.</param>
    /// <returns>The frame's timestamp for the subscriber, always later than <paramref name="last"/>.</returns>
    public static uint Next(SenderClock? from, uint fromOffset, SenderClock? to, uint timestamp, uint last, TimeSpan sinceLast, int clockRate)
    {
        var byArrival = last + Math.Max((uint)(sinceLast.TotalSeconds * clockRate), 1);
        if (from is not { } left || to is not { } begun)
            return byArrival;
        // The moment of capture on the publisher's own clock, which its sender reports have in common (RFC 3550 section 6.4.1), and what the left encoding would call it.
        var capturedAt = begun.NtpTime.Value + Seconds((int)(timestamp - begun.Timestamp), clockRate);
        var byReports = left.Timestamp + Ticks((long)(capturedAt - left.NtpTime.Value), clockRate) + fromOffset;
        var most = (int)(MostDisagreement.TotalSeconds * clockRate);
        if (Math.Abs((long)(int)(byReports - byArrival)) > most)
            return byArrival;
        return (int)(byReports - last) > 0 ? byReports : last + 1;
    }

    /// <summary>Ticks of the stream's clock as 32.32 fixed-point seconds.</summary>
    private static ulong Seconds(int ticks, int clockRate) => (ulong)((Int128)ticks * (1L << 32) / clockRate);

    private static uint Ticks(long seconds, int clockRate) => (uint)(long)(((Int128)seconds * clockRate + (1L << 31)) >> 32);
}
