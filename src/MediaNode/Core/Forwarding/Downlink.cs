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

    /// <summary>More than so much of the path waits to be sent: it is no frame that would be through in a moment.</summary>
    private static readonly TimeSpan LargestBurst = TimeSpan.FromMilliseconds(100);

    /// <summary>Of a path that nothing is known of: a usual key frame leaves within a tenth of a second, one of 150 kB within half a second.</summary>
    private static readonly Bitrate FirstPace = Bitrate.FromKilobits(2000);
    private const int FirstBurst = 20_000;

    /// <summary>What waits on it is gone within this, whatever that takes: what streams need is not known before they are measured.</summary>
    private static readonly TimeSpan LongestFirstWait = TimeSpan.FromMilliseconds(300);

    /// <summary>A key frame for which the others make room is through within this.</summary>
    private static readonly TimeSpan CatchUpTime = TimeSpan.FromSeconds(5);
    private const int LongestTurn = 4;

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
    private int _waitingPackets;
    private long _waitingBytes;
    private uint _turn;
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

    private bool IsQueueing => _waitingPackets > 0;

    /// <summary>The client agreed to some feedback that says more than receiver reports do.</summary>
    private bool ExpectsFeedback => subscriber.DownTracks.Exists(track => track.Parameters.TransportSequenceId != 0 || track.Parameters.AbsSendTimeId != 0);

    public void Start(Instant now)
    {
        _connectedAt = now;
        HandleStreams(now);
    }

    /// <summary>Other streams are to be sent than before.</summary>
    public void HandleStreams(Instant now)
    {
        _sharing.Measure(now);
        SetPace();
    }

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

    /// <summary>What it takes to send so much beside nothing else.</summary>
    public TimeSpan TimeFor(int bytes) => TimeSpan.FromSeconds(bytes * 8.0 / _estimator.Estimate.BitsPerSecond);

    /// <summary>A lost packet may be sent again at once.</summary>
    public bool MayRepair(Instant now) => _budget.Allows(now);

    /// <summary>A packet of video waits for its turn.</summary>
    public void HandleWaiting(int bytes)
    {
        _waitingBytes += bytes;
        if (_waitingPackets++ == 0)
            engine.Deadlines.Schedule(subscriber);
    }

    /// <summary>As long as nothing is known of the path nothing is given up: what has waited for too long leaves at once, and shows what the path does with it.</summary>
    public bool TrySendAllWaiting(Instant now)
    {
        if (IsLimited)
            return false;
        while (IsQueueing && NextInTurn() is { } track)
            track.SendNextWaiting(now);
        _budget.Forget();
        return true;
    }

    /// <summary>One does so no more: it has had its turn, or will have none.</summary>
    public void HandleWaited(int bytes)
    {
        _waitingPackets--;
        _waitingBytes -= bytes;
    }

    /// <summary>There are other tracks than before: what waited of those that are gone is gone too.</summary>
    public void HandleTracksChanged()
    {
        (_waitingPackets, _waitingBytes) = (0, 0);
        foreach (var track in subscriber.DownTracks)
        {
            _waitingPackets += track.WaitingPackets;
            _waitingBytes += track.WaitingBytes;
        }
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
        SetPace();
        SendWaiting(now);
        if (now < _nextSharing)
            return;
        _nextSharing = now + SharingInterval;
        if (isSilent && !IsCapped)
        {
            _sharing.GiveAll(now);
            return;
        }
        var audio = _audioRate ?? UsualAudio;
        _sharing.Share(estimate - audio - CatchUp(estimate), IsLimited, now);
        if (!_sharing.HoldsBack)
            _trials.HandleEnough(now);
        // What waits needs more too, and as long as it is paced at the estimate nothing else would show that there is more.
        if (_sharing.HoldsBack || (IsLimited && IsBehind(estimate)))
            LookForMore(estimate, audio, now);
    }

    /// <summary>More waits than would be through in a moment.</summary>
    private bool IsBehind(Bitrate estimate) => _waitingBytes > estimate.BytesIn(LargestBurst);

    private bool IsCapped => _estimator.Cap < DownlinkEstimator.Most;

    /// <summary>There is a reason to hold anything back.</summary>
    public bool IsLimited => _estimator.HasBeenFull || IsCapped;

    /// <summary>
    /// Far behind, media leaves no faster than the path drains. As long as nothing is known of the path, it is let have all that is wanted, but a large key frame not at once:
    /// on a narrow path most of it would be lost before anybody could know.
    /// </summary>
    private void SetPace()
    {
        var estimate = _estimator.Estimate;
        if (IsLimited)
        {
            _budget.SetRate(estimate * (IsBehind(estimate) ? SendBudget.SteadyFactor : SendBudget.Factor), estimate.BytesIn(SendBudget.Burst));
            return;
        }
        var usual = _sharing.Wanted + (_audioRate ?? UsualAudio);
        var pace = Bitrate.Max(Bitrate.Max(FirstPace, usual * SendBudget.Factor), Bitrate.Of(_waitingBytes, LongestFirstWait));
        _budget.SetRate(pace, Math.Max(FirstBurst, usual.BytesIn(SendBudget.Burst)));
    }

    private void LookForMore(Bitrate estimate, Bitrate audio, Instant now)
    {
        var wanted = Bitrate.Min(_sharing.Wanted + audio, _estimator.Cap);
        if (FindProbeTrack() is not null)
        {
            if (_estimator.Probes.TryStart(estimate, wanted, now))
                SendProbe(now);
        }
        else if (_sharing.HoldsBack && _trials.TryStart(now))
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
        if (!probes.IsProbing)
            return;
        if (FindProbeTrack() is not { } track)
        {
            probes.GiveUp();
            return;
        }
        var cluster = probes.Cluster;
        // Ends: each turn sends a part of what makes up the probe.
        while (!cluster.IsSent && cluster.NextPacketAt <= now)
            cluster.HandleSent(track.SendPadding(cluster.PacketBytes, cluster.Id, now));
    }

    private void SendWaiting(Instant now)
    {
        if (!IsQueueing)
            return;
        SetPace();
        // Ends: each turn takes one of those that wait.
        while (IsQueueing && _budget.Allows(now) && NextInTurn() is { } track)
            track.SendNextWaiting(now);
    }

    /// <summary>
    /// Whoever has least waiting goes first, so that a large key frame holds up nothing else; every fourth turn is of the one that has most, so that it does not stand still.
    /// </summary>
    private DownTrack? NextInTurn()
    {
        var wantsMost = ++_turn % LongestTurn == 0;
        DownTrack? next = null;
        foreach (var track in subscriber.DownTracks)
        {
            if (track.WaitingPackets > 0 && (next is null || (track.WaitingBytes > next.WaitingBytes) == wantsMost))
                next = track;
        }
        return next;
    }

    /// <summary>What key frames that wait need of the path, so that they are through in time; half of it at most.</summary>
    private Bitrate CatchUp(Bitrate estimate)
    {
        if (!IsQueueing)
            return default;
        long bytes = 0;
        foreach (var track in subscriber.DownTracks)
            bytes += track.IsCatchingUp ? track.WaitingBytes : 0;
        return Bitrate.Min(estimate * 0.5, Bitrate.Of(bytes, CatchUpTime));
    }
}
