using MediaNode.Core.Congestion;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>
/// The way to one subscriber: numbers what is sent, learns from feedback what the path carries, shares that among the streams, holds bursts
/// back, and probes for more when more is wanted. See docs/media/congestion.md.
/// </summary>
internal sealed class Downlink(SubscriberPeer subscriber, EngineContext engine)
{
    /// <summary>Feedback comes up to twenty times a second; to share out twice as seldom is soon enough.</summary>
    private static readonly TimeSpan SharingInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>A receiver that has agreed to give feedback and gives none for so long is sent everything: there is nothing to go by.</summary>
    private static readonly TimeSpan SilencePatience = TimeSpan.FromSeconds(2);

    /// <summary>Waiting video leaves in steps of this: few enough timers, and packets that can leave together.</summary>
    private static readonly TimeSpan PacingStep = TimeSpan.FromMilliseconds(5);

    /// <summary>A trial has to be enough for the next step with all its margins.</summary>
    private const double TrialMargin = 1.15;

    /// <summary>Rates over less than this are chance.</summary>
    private static readonly TimeSpan LeastSpan = TimeSpan.FromMilliseconds(500);

    /// <summary>Before audio was measured: Opus with its headers.</summary>
    private static readonly Bitrate UsualAudio = Bitrate.FromKilobits(50);

    private DownlinkEstimator _estimator = new();
    private readonly VideoSharing _sharing = new(subscriber, engine.SharingScratch);
    private TrialPlan _trials;
    private SendBudget _budget;
    private PacerQueue? _queue;
    private long _bytesSent;
    private long _bytesAtTick;
    private long _audioBytes;
    private long _audioBytesAtTick;
    private Instant _lastTick = Instant.Never;
    private Instant _nextSharing;
    private Instant _connectedAt = Instant.Never;
    private Bitrate _sentRate;
    private Bitrate? _audioRate;

    public DownlinkEstimator Estimator => _estimator;

    public Instant NextTimeout => Instant.Min(_estimator.Probes.NextTimeout, IsQueueing ? _budget.AllowsAt + PacingStep : Instant.Never);

    private bool IsQueueing => _queue is { Count: > 0 };

    /// <summary>The client agreed to some feedback that says more than receiver reports do.</summary>
    private bool ExpectsFeedback => subscriber.DownTracks.Exists(track => track.Parameters.TransportSequenceId != 0 || track.Parameters.AbsSendTimeId != 0);

    public void Start(Instant now) => _connectedAt = now;

    /// <summary>The client is somewhere else: what is known of the way to it begins afresh, as after connecting. What was lost in between must not count against the new path.</summary>
    public void HandlePathChanged(Instant now)
    {
        _estimator = _estimator.ForAnotherPath();
        _trials = default;
        _connectedAt = now;
        if (_estimator.Cap == DownlinkEstimator.Most)
            _sharing.GiveAll(now);
        Adapt(now);
    }

    /// <summary>What the next packet's header says.</summary>
    public HopStamp Stamp(DownTrackParameters parameters, Instant now) =>
        new(_estimator.Sent.NextSequenceNumber, parameters.AbsSendTimeId == 0 ? 0 : HopStamp.ToAbsSendTime(now));

    /// <summary>The packet has left with that stamp.</summary>
    /// <param name="probe">The probe that it belongs to; 0 for none.</param>
    public void HandleSent(DownTrackParameters parameters, int bytes, Instant now, byte probe = 0)
    {
        _bytesSent += bytes;
        _budget.Take(bytes, now);
        if (parameters.TransportSequenceId != 0)
            _estimator.Sent.Add(now, bytes, probe);
    }

    public void HandleAudioSent(int bytes) => _audioBytes += bytes;

    /// <summary>Video may leave at once. Audio always may.</summary>
    public bool IsFree(Instant now) => _budget.Allows(now) && !IsQueueing;

    /// <summary>Lets a packet of video wait for its turn.</summary>
    /// <returns>False when there is too much already: all that waits has been given up, and the track must begin again with a key frame.</returns>
    public bool TryQueue(DownTrack track, ulong outgoing, int bytes, Instant now)
    {
        _queue ??= new();
        if (_queue.IsOverfull(now))
        {
            GiveUpQueue(now);
            return false;
        }
        var isFirst = _queue.Count == 0;
        _queue.Add(new(track, outgoing, bytes, now));
        if (isFirst)
            engine.Deadlines.Schedule(subscriber);
        return true;
    }

    public void HandleFeedback(in TransportFeedbackView feedback, Instant now)
    {
        _estimator.HandleFeedback(feedback, engine.FeedbackScratch, now);
        Adapt(now);
    }

    public void HandleReceiverEstimate(Bitrate estimate, Instant now)
    {
        _estimator.HandleReceiverEstimate(estimate, now);
        Adapt(now);
    }

    /// <summary>Receiver reports of all streams in one compound.</summary>
    public void HandleReport(int expected, int lost, Instant now)
    {
        _estimator.HandleReport(Math.Min(1, (double)lost / expected), SentRate(now), now);
        Adapt(now);
    }

    public void HandleRoundTrip(TimeSpan sample) => _estimator.HandleRoundTrip(sample);

    /// <summary>Most that may be sent, whatever the path carries.</summary>
    public void SetCap(Bitrate cap, Instant now)
    {
        _estimator.Cap = cap;
        Adapt(now);
    }

    /// <summary>Every second.</summary>
    public void HandleTick(Instant now)
    {
        if (_lastTick != Instant.Never && now > _lastTick)
        {
            _sentRate = Bitrate.Of(_bytesSent - _bytesAtTick, now - _lastTick);
            _audioRate = Bitrate.Of(_audioBytes - _audioBytesAtTick, now - _lastTick);
        }
        (_bytesAtTick, _audioBytesAtTick, _lastTick) = (_bytesSent, _audioBytes, now);
        _estimator.HandleTick(now);
        Adapt(now);
    }

    public void HandleTimeout(Instant now)
    {
        SendWaiting(now);
        _estimator.Probes.HandleTimeout(now);
        SendProbe(now);
    }

    /// <summary>What a report of now may be about: this second, or the one before.</summary>
    private Bitrate SentRate(Instant now)
    {
        if (_lastTick == Instant.Never)
            return Bitrate.Of(_bytesSent, LeastSpan);
        var span = now - _lastTick;
        return Bitrate.Max(_sentRate, Bitrate.Of(_bytesSent - _bytesAtTick, span > LeastSpan ? span : LeastSpan));
    }

    /// <summary>Brings what is sent in line with what is known of the path.</summary>
    private void Adapt(Instant now)
    {
        var estimate = _estimator.Estimate;
        var isSilent = _estimator.Source == EstimateSource.None && (!ExpectsFeedback || now - _connectedAt > SilencePatience);
        var isCapped = _estimator.Cap < DownlinkEstimator.Most;
        _budget.SetRate(_estimator.HasBeenFull || isCapped ? estimate : Bitrate.Unlimited);
        if (now < _nextSharing)
            return;
        _nextSharing = now + SharingInterval;
        if (isSilent && !isCapped)
        {
            _sharing.GiveAll(now);
            return;
        }
        var audio = _audioRate ?? UsualAudio;
        _sharing.Share(estimate - audio, _estimator.HasBeenFull || isCapped, now);
        if (_sharing.HoldsBack)
            LookForMore(estimate, audio, now);
        else
            _trials.HandleEnough(now);
    }

    private void LookForMore(Bitrate estimate, Bitrate audio, Instant now)
    {
        var wanted = Bitrate.Min(_sharing.Wanted + audio, _estimator.Cap);
        if (FindProbeTrack() is not null)
        {
            if (_estimator.Probes.TryStart(estimate, wanted, now))
                SendProbe(now);
        }
        else if (_trials.TryStart(now))
        {
            _estimator.Try((_sharing.GivenAndNextStep + audio) * TrialMargin, now);
        }
    }

    /// <summary>Any video with a retransmission stream that takes padding: probes never touch the numbers of media.</summary>
    private DownTrack? FindProbeTrack()
    {
        foreach (var track in subscriber.DownTracks)
        {
            if (track.CanProbe)
                return track;
        }
        return null;
    }

    private void SendProbe(Instant now)
    {
        var probes = _estimator.Probes;
        if (!probes.IsProbing || FindProbeTrack() is not { } track)
            return;
        var cluster = probes.Cluster;
        // Ends: each turn sends a part of what makes up the probe.
        while (!cluster.IsSent && cluster.NextPacketAt <= now)
            cluster.HandleSent(track.SendPadding(cluster.PacketBytes, cluster.Id, now));
    }

    private void SendWaiting(Instant now)
    {
        while (IsQueueing && _budget.Allows(now) && _queue!.TryTake(out var waiting))
            waiting.Track.SendWaiting(waiting.Outgoing, now);
    }

    /// <summary>The track stops: what waits of it would be of no use.</summary>
    public void GiveUpWaiting(DownTrack stopped, Instant now)
    {
        // Ends: each turn takes one of those that wait now.
        for (var left = _queue?.Count ?? 0; left > 0 && _queue!.TryTake(out var waiting); left--)
        {
            if (waiting.Track == stopped)
                stopped.GiveUpWaiting(waiting.Outgoing, now);
            else
                _queue.Add(waiting);
        }
    }

    private void GiveUpQueue(Instant now)
    {
        while (_queue!.TryTake(out var waiting))
            waiting.Track.GiveUpWaiting(waiting.Outgoing, now);
    }
}
