using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding.Statistics;

/// <summary>What is counted of one incoming stream beside its <see cref="ReceiveStatistics"/>. Plain fields: counting costs an increment.</summary>
internal struct StreamTally
{
    /// <summary>Packets asked for again, repeated requests included.</summary>
    public long Nacked;

    /// <summary>Packets that came on the retransmission stream.</summary>
    public long Retransmitted;

    /// <summary>PLI sent.</summary>
    public long KeyFrameRequests;

    public long KeyFrames;

    public FrameGaps Gaps;

    public RateMeter Rate;

    private long _received;

    /// <summary>Of the last second, 0 to 1.</summary>
    public double Loss { get; private set; }

    /// <summary>Every second.</summary>
    /// <param name="lost">Packets since the last time.</param>
    public void Tick(ReceiveStatistics statistics, long lost, Instant now)
    {
        var received = statistics.PacketsReceived - _received;
        _received = statistics.PacketsReceived;
        Loss = lost + received > 0 ? (double)lost / (lost + received) : 0;
        Rate.Tick(statistics.PacketsReceived, statistics.BytesReceived, now);
    }
}

/// <summary>What is counted of one track on its way to one subscriber.</summary>
internal struct SubscriptionTally
{
    /// <summary>Packets that the subscriber asked for again.</summary>
    public long Nacked;

    /// <summary>PLI and FIR of the subscriber.</summary>
    public long KeyFrameRequests;

    /// <summary>Times that it was paused, by the subscriber or by the node.</summary>
    public int Pauses;

    public FrameGaps Gaps;

    public RateMeter Rate;

    public TimeSpan? RoundTrip;

    /// <summary>Packets missed by the subscriber, as it reports; null before its first report.</summary>
    public int? Lost { get; private set; }

    /// <summary>Between its last two reports, 0 to 1.</summary>
    public double Loss { get; private set; }

    /// <summary>As it reports, in units of the stream's clock.</summary>
    public uint Jitter { get; private set; }

    public void HandleReport(in ReportBlock block, int expected, int lost)
    {
        Lost = block.CumulativeLost;
        Loss = expected > 0 ? Math.Min(1, (double)lost / expected) : 0;
        Jitter = block.Jitter;
    }
}
