using LoadGenerator.Measuring;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace LoadGenerator.Media;

/// <summary>One publisher's stream as one subscriber gets it.</summary>
internal sealed class ReceivedStream(Ssrc ssrc, SentStream source, int clockRate, bool answersLossWithNack)
{
    private uint _lastSenderReport;
    private Instant _lastSenderReportAt;
    private long _received;
    private long _firstSequence;
    private long _expectedAtReport;
    private long _receivedAtReport;
    private double _jitter;
    private int _transit;

    public Ssrc Ssrc { get; } = ssrc;

    public SentStream Source { get; } = source;

    public bool AnswersLossWithNack { get; } = answersLossWithNack;

    public CheckOff CheckOff { get; } = new();

    public GapTracker Gaps { get; } = new();

    public bool HasPacket => _received > 0;

    public bool HasKeyFrame { get; set; }

    /// <summary>No key frame came yet, or too much was lost: keep asking.</summary>
    public bool WantsKeyFrame { get; set; } = true;

    /// <summary>Header number less publisher's number, of the last packet that was decrypted.</summary>
    public long? Offset { get; set; }

    /// <summary>Packets since the last that was decrypted.</summary>
    public int SkippedSinceDecrypted { get; set; }

    public void HandlePacket(long sequence, uint timestamp, Instant now)
    {
        if (_received++ == 0)
            _firstSequence = sequence;
        Gaps.HandlePacket(sequence, now);
        // RFC 3550 section 6.4.1: interarrival jitter in timestamp units.
        var transit = unchecked((int)((uint)(now.Nanoseconds / 1000 * clockRate / 1_000_000) - timestamp));
        if (_received > 1)
            _jitter += (Math.Abs((double)(transit - _transit)) - _jitter) / 16;
        _transit = transit;
    }

    /// <summary>A repaired gap: counts as received, so that reports tell the loss that remains.</summary>
    public void HandleRetransmission(long sequence, Instant now)
    {
        _received++;
        Gaps.HandlePacket(sequence, now);
    }

    public void HandleSenderReport(NtpTime time, Instant now) => (_lastSenderReport, _lastSenderReportAt) = (time.Middle, now);

    /// <param name="roundTrip">The delay is told so much too short: the server then computes at least this as its round-trip time.</param>
    /// <param name="now">When the report is sent.</param>
    public ReportBlock Report(TimeSpan roundTrip, Instant now)
    {
        if (!HasPacket)
            return new(Ssrc, 0, 0, 0, 0, 0, 0);
        var expected = Gaps.Highest - _firstSequence + 1;
        var expectedSince = expected - _expectedAtReport;
        var lostSince = expectedSince - (_received - _receivedAtReport);
        (_expectedAtReport, _receivedAtReport) = (expected, _received);
        var fraction = expectedSince > 0 && lostSince > 0 ? Math.Min(255, lostSince * 256 / expectedSince) : 0;
        var delay = now - _lastSenderReportAt - roundTrip;
        return new(
            Ssrc,
            (byte)fraction,
            (int)Math.Clamp(expected - _received, -0x80_0000, 0x7F_FFFF),
            (uint)(Gaps.Highest - 0x10000),
            (uint)_jitter,
            _lastSenderReport,
            _lastSenderReport == 0 ? 0 : unchecked((uint)(delay.Ticks * 65536 / TimeSpan.TicksPerSecond)));
    }
}
