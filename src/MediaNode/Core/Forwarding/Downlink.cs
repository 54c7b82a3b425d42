using MediaNode.Core.Congestion;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>
/// The way to one subscriber: numbers what is sent, learns from its feedback what the path carries, and probes for more when more is wanted.
/// </summary>
internal sealed class Downlink(EngineContext engine)
{
    private readonly DownlinkEstimator _estimator = new();
    private long _bytesSent;
    private long _bytesAtTick;
    private Instant _lastTick = Instant.Never;
    private Bitrate _sentRate;

    public DownlinkEstimator Estimator => _estimator;

    public Instant NextTimeout => _estimator.Probes.NextTimeout;

    /// <summary>What the next packet's header says.</summary>
    public HopStamp Stamp(DownTrackParameters parameters, Instant now) =>
        new(_estimator.Sent.NextSequenceNumber, parameters.AbsSendTimeId == 0 ? 0 : HopStamp.ToAbsSendTime(now));

    /// <summary>The packet has left with that stamp.</summary>
    public void HandleSent(DownTrackParameters parameters, int bytes, Instant now, byte probe = 0)
    {
        _bytesSent += bytes;
        if (parameters.TransportSequenceId != 0)
            _estimator.Sent.Add(now, bytes, probe);
    }

    public void HandleFeedback(in TransportFeedbackView feedback, Instant now) =>
        _estimator.HandleFeedback(feedback, engine.FeedbackScratch, now);

    public void HandleReceiverEstimate(Bitrate estimate, Instant now) => _estimator.HandleReceiverEstimate(estimate);

    /// <summary>Receiver reports of all streams in one compound.</summary>
    public void HandleReport(int expected, int lost, Instant now) =>
        _estimator.HandleReport(Math.Min(1, (double)lost / expected), _sentRate, now);

    public void HandleRoundTrip(TimeSpan sample) => _estimator.HandleRoundTrip(sample);

    /// <summary>Every second.</summary>
    public void HandleTick(Instant now)
    {
        if (_lastTick != Instant.Never && now > _lastTick)
            _sentRate = Bitrate.Of(_bytesSent - _bytesAtTick, now - _lastTick);
        (_bytesAtTick, _lastTick) = (_bytesSent, now);
        _estimator.HandleTick(now);
    }

    public void HandleTimeout(Instant now) => _estimator.Probes.HandleTimeout(now);
}
