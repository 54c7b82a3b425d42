using MediaNode.Core.Time;

namespace MediaNode.Core.Dtls;

/// <summary>
/// Our last flight and when to send it again (RFC 6347 section 4.2.4). OpenSSL has a timer too, but reads the real clock; this one lives in the caller's time.
/// </summary>
internal sealed class DtlsRetransmission
{
    /// <summary>
    /// RFC 6347 proposes 1 s, and less where latency matters; a call should not stand still that long for one lost packet. Browsers begin with 50 ms.
    /// A longer round trip costs a repeated flight, some 3 kB, and nothing else.
    /// </summary>
    internal static readonly TimeSpan FirstTimeout = TimeSpan.FromMilliseconds(100);

    /// <summary>Doubling stops here: over a path that loses a fifth, every second is one more attempt, and somebody waits for it.</summary>
    internal static readonly TimeSpan MaxTimeout = TimeSpan.FromSeconds(1);

    /// <summary>The final flight is repeated at most this often, and this many times: whoever can send us records must not make us a source of traffic.</summary>
    internal static readonly TimeSpan FinalFlightInterval = TimeSpan.FromMilliseconds(100);
    internal const int MaxFinalFlights = 16;

    private byte[] flight = [];
    private TimeSpan timeout = FirstTimeout;
    private Instant lastFinalFlight = new(long.MinValue / 2);
    private int finalFlights;

    /// <summary>Our last flight, whole records; the sender numbers the plaintext ones anew each time.</summary>
    internal Span<byte> Flight => flight;

    internal Instant Deadline { get; private set; } = Instant.Never;

    /// <summary>A new flight, or OpenSSL's own repetition of the last one under new record numbers.</summary>
    internal void Sent(ReadOnlySpan<byte> records, Instant now, bool repeated)
    {
        flight = records.ToArray();
        if (!repeated)
            timeout = FirstTimeout;
        Deadline = now + timeout;
    }

    internal void TimedOut(Instant now)
    {
        timeout = timeout * 2 < MaxTimeout ? timeout * 2 : MaxTimeout;
        Deadline = now + timeout;
    }

    /// <summary>The handshake is over. The final flight stays, for a peer that did not get it.</summary>
    internal void Stop() => Deadline = Instant.Never;

    internal bool MayRepeatFinalFlight(Instant now)
    {
        if (finalFlights >= MaxFinalFlights || now - lastFinalFlight < FinalFlightInterval)
            return false;
        finalFlights++;
        lastFinalFlight = now;
        return true;
    }
}
