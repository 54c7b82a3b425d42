using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Congestion;

/// <summary>Who told what there is.</summary>
internal enum EstimateSource
{
    /// <summary>Nobody yet.</summary>
    None,

    /// <summary>Receiver reports: loss only.</summary>
    Reports,

    /// <summary>The receiver's own estimate (REMB).</summary>
    Receiver,

    /// <summary>Transport-wide feedback on every packet.</summary>
    TransportFeedback,
}

/// <summary>
/// How much may be sent to one receiver: the least of what delay, loss, the receiver's own estimate and the configured cap allow. See docs/media/congestion.md.
/// </summary>
internal sealed class DownlinkEstimator
{
    /// <summary>Opus in good quality with its headers, at the very least.</summary>
    public static readonly Bitrate Least = Bitrate.FromKilobits(30);

    /// <summary>Beyond any meeting; keeps arithmetic and probes of a lying receiver in bounds.</summary>
    public static readonly Bitrate Most = Bitrate.FromKilobits(100_000);

    /// <summary>Before anything is known. Media that is sent and arrives raises it at once.</summary>
    public static readonly Bitrate Start = Bitrate.FromKilobits(600);

    /// <summary>Feedback missing for so long while packets are sent: the path, or the way back, is stuck.</summary>
    private static readonly TimeSpan FeedbackPatience = TimeSpan.FromSeconds(1);

    /// <summary>A receiver's own estimate needs so long to find that more has come through.</summary>
    private static readonly TimeSpan TrialPeriod = TimeSpan.FromSeconds(3);

    private readonly SentPacketLog _sent;
    private readonly PacketGroups _groups = new();
    private readonly DelayTrend _trend = new();
    private readonly OveruseDetector _detector = new();
    private readonly AcknowledgedBitrate _acknowledged = new();
    private readonly RateControl _rate = new(Start, Least, Most);
    private readonly LossLimit _loss = new(Least);
    private readonly ReportedLossControl _reported = new(Least, Most);
    private PacketTrain _train;
    private ReceiverClock _clock;
    private RoundTripTime _roundTrip;
    private Bitrate _receiverEstimate = Bitrate.Unlimited;
    private Bitrate _tried;
    private Instant _triedUntil;

    public DownlinkEstimator()
        : this(new())
    {
    }

    private DownlinkEstimator(SentPacketLog sent)
    {
        _sent = sent;
    }

    public SentPacketLog Sent => _sent;

    public ProbePlan Probes { get; } = new();

    public EstimateSource Source { get; private set; }

    /// <summary>Most that may be sent, whatever the path carries.</summary>
    public Bitrate Cap { get; set; } = Most;

    public Bitrate Estimate => Bitrate.Max(Least, Bitrate.Min(Cap, Path));

    public TimeSpan RoundTrip => _roundTrip.Value;

    public PathUsage Usage => _detector.Usage;

    public Bitrate? Acknowledged => _acknowledged.Value;

    /// <summary>Share of packets lost of late, by transport-wide feedback.</summary>
    public double Loss => _loss.LastLoss;

    /// <summary>The path has been seen to be full: before, nothing has to be held back.</summary>
    public bool HasBeenFull { get; private set; }

    private Bitrate Path => Source switch
    {
        EstimateSource.TransportFeedback => Bitrate.Min(Bitrate.Min(_rate.Rate, _loss.Limit), _receiverEstimate),
        EstimateSource.Receiver => Bitrate.Min(_receiverEstimate, _reported.Rate),
        EstimateSource.Reports => _reported.Rate,
        _ => Start,
    };

    /// <summary>Of another path to the same receiver: nothing that was learned of the former one holds, and numbers go on.</summary>
    public DownlinkEstimator ForAnotherPath()
    {
        _sent.Forget();
        // Receiver reports tell of what was lost in between too: where there is transport-wide feedback they go on counting for nothing.
        return new(_sent) { Cap = Cap, Source = Source == EstimateSource.TransportFeedback ? Source : EstimateSource.None };
    }

    /// <summary>Transport-wide feedback.</summary>
    /// <param name="feedback">The message.</param>
    /// <param name="scratch">Room to work in, shared by all peers of an engine.</param>
    /// <param name="now">The current moment.</param>
    public void HandleFeedback(in TransportFeedbackView feedback, FeedbackScratch scratch, Instant now)
    {
        var told = scratch.Told.AsSpan(0, feedback.CopyTo(scratch.Told));
        var outcome = _sent.Match(told, scratch.Acknowledged);
        if (outcome.Packets == 0 && outcome.Acknowledged == 0)
            return;
        _sent.HandleAnswered();
        Source = EstimateSource.TransportFeedback;
        var acknowledged = scratch.Acknowledged.AsSpan(0, outcome.Acknowledged);
        var offset = _clock.Offset(feedback.ReferenceTime);
        var usage = HandleArrivals(acknowledged, offset, now);
        _loss.Update(outcome, _rate.Rate);
        if (usage == PathUsage.Over)
        {
            HasBeenFull = true;
            Probes.HandleOveruse(now);
        }
        HasBeenFull |= _loss.Limit < Bitrate.Unlimited;
        _rate.Update(usage, usage == PathUsage.Over ? _acknowledged.Best : _acknowledged.Value, RoundTrip, now);
    }

    /// <summary>The receiver's own estimate.</summary>
    public void HandleReceiverEstimate(Bitrate estimate, Instant now)
    {
        _receiverEstimate = Bitrate.Max(estimate, now < _triedUntil ? Bitrate.Max(_tried, Least) : Least);
        HasBeenFull = true;
        if (Source != EstimateSource.TransportFeedback)
            Source = EstimateSource.Receiver;
    }

    /// <summary>A receiver report.</summary>
    /// <param name="loss">Share of packets lost since the one before, 0 to 1.</param>
    /// <param name="sent">What was sent to this receiver over the last second.</param>
    public void HandleReport(double loss, Bitrate sent, Instant now)
    {
        if (loss > ReportedLossControl.HighLoss)
            _tried = default;
        if (Source == EstimateSource.None)
            Source = EstimateSource.Reports;
        _reported.Update(loss, sent, now);
        HasBeenFull |= Source != EstimateSource.TransportFeedback && _reported.Rate < Most && loss > 0.1;
    }

    public void HandleRoundTrip(TimeSpan sample) => _roundTrip.Add(sample);

    /// <summary>Gives more a try where it cannot be probed for. The receiver's own estimate follows what it gets, so it has to get it for a while.</summary>
    public void Try(Bitrate rate, Instant now)
    {
        _reported.Try(rate);
        if (Source == EstimateSource.TransportFeedback)
            _rate.HandleProbe(rate, now);
        _receiverEstimate = Bitrate.Max(_receiverEstimate, rate);
        (_tried, _triedUntil) = (rate, now + TrialPeriod);
    }

    /// <summary>Every second.</summary>
    public void HandleTick(Instant now)
    {
        if (Source != EstimateSource.TransportFeedback || _sent.UnansweredSince > now - FeedbackPatience)
            return;
        HasBeenFull = true;
        _rate.Limit(_rate.Rate * 0.5);
    }

    private PathUsage HandleArrivals(Span<AcknowledgedPacket> acknowledged, TimeSpan offset, Instant now)
    {
        if (acknowledged.IsEmpty)
            return PathUsage.Normal;
        AddRoundTrip(acknowledged, now);
        AcknowledgedPacketOrder.SortByArrival(acknowledged);
        var wasOver = false;
        foreach (ref readonly var packet in acknowledged)
        {
            var arrived = packet with { ArrivedAt = packet.ArrivedAt + offset };
            _acknowledged.Add(arrived);
            if (!HasBeenFull && _train.Add(arrived) is { } carried)
                HandleCapacity(carried);
            if (packet.IsRecovered)
                _loss.Recover(packet.SentAt);
            if (_groups.TryAdd(arrived, out var delta))
            {
                _trend.Add(delta);
                wasOver |= _detector.Update(_trend.Slope, _trend.Groups, delta) == PathUsage.Over;
            }
            if (packet.Probe != 0 && packet.Probe == Probes.Cluster.Id && Probes.IsProbing && Probes.Cluster.HandleArrival(arrived) is { } measured)
                HandleProbe(measured, now);
        }
        return wasOver ? PathUsage.Over : _detector.Usage;
    }

    /// <summary>The first burst has shown what the path carries.</summary>
    private void HandleCapacity(Bitrate carried)
    {
        HasBeenFull = true;
        _rate.Begin(carried);
    }

    private void HandleProbe(Bitrate measured, Instant now)
    {
        Probes.HandleMeasured(measured, now);
        _rate.HandleProbe(measured, now);
        _loss.HandleProbe(measured);
    }

    /// <summary>The packet that waited least at the receiver for the feedback to leave.</summary>
    private void AddRoundTrip(ReadOnlySpan<AcknowledgedPacket> acknowledged, Instant now)
    {
        var least = TimeSpan.MaxValue;
        foreach (ref readonly var packet in acknowledged)
        {
            if (now - packet.SentAt < least)
                least = now - packet.SentAt;
        }
        _roundTrip.Add(least);
    }
}
