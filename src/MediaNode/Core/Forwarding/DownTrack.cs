using MediaNode.Core.Forwarding.Layers;
using MediaNode.Core.Forwarding.Redundancy;
using MediaNode.Core.Forwarding.Statistics;
using MediaNode.Core.Recovery;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>
/// One published track on its way to one subscriber: chooses the encoding and the layers, and gives the packets the numbers, payload type, source and
/// extension ids that the subscriber was told. What it is made of is the business of <see cref="StreamSplicer"/>.
/// </summary>
internal sealed partial class DownTrack
{
    /// <summary>Packets of a key frame that may have overtaken its first one: a frame of 150 KB.</summary>
    private const int MaximumOvertaken = 128;

    /// <summary>Opus in silence (DTX) sends every 400 ms.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromMilliseconds(500);

    private readonly SubscriberPeer _subscriber;
    private readonly StreamSplicer _splicer;
    private SentPackets? _sent;
    private Backlog? _backlog;
    private RestartDelay _restart;
    private PictureId _left;

    private Layer _highest = Layer.All;
    private MaximumSize _largest;
    private Encoding? _target;
    private int _layersVersion = -1;
    private bool _isRunning;
    private bool _isPaused;
    private KeyFrameUrgency _urgency = KeyFrameUrgency.Newcomer;
    private bool _isAccepted;
    private bool _isAnswered;
    private bool _isSourceKnown;
    private Layer? _told;
    private ulong _rtxSequence;
    private ReportedReception _reception;
    private ResendAllowance _resends = new();
    private ulong _repeatableFrom;
    private SubscriptionTally _tally;
    private long _payloadBytesSent;
    private (Ssrc Sender, byte SequenceNumber)? _lastFullIntraRequest;

    public DownTrack(SubscriberPeer subscriber, PublishedTrack source, DownTrackParameters parameters, uint firstSequence)
    {
        _subscriber = subscriber;
        Source = source;
        Parameters = parameters;
        _splicer = new(source, firstSequence);
        _rtxSequence = firstSequence;
        OfferedRtxSsrc = parameters.RtxSsrc;
    }

    public PublishedTrack Source { get; }

    public SubscriberPeer Subscriber => _subscriber;

    /// <summary>0 for a watcher.</summary>
    public ulong SubscriberId => _subscriber.ParticipantId;

    public DownTrackParameters Parameters { get; private set; }

    public bool NackNegotiated => _sent is not null;

    /// <summary>The subscriber wants none of it for now.</summary>
    public bool IsPaused => _isPaused;

    /// <summary>The subscriber's answer took the m-line; before, and when it refused, nothing is sent.</summary>
    public bool IsAccepted
    {
        get => _isAccepted;
        set => (_isAccepted, _isAnswered) = (value, true);
    }

    /// <summary>Source of retransmissions as offered; the parameters have it only when the subscriber accepted RTX.</summary>
    public Ssrc? OfferedRtxSsrc { get; }

    /// <summary>Most that the subscriber wants, by number or by size.</summary>
    public Layer Wish => _splicer.Selector.Wish;

    /// <summary>Most that the subscriber's bandwidth allows; null for no video at all.</summary>
    public Layer? Allowance => _splicer.Selector.Allowance;

    /// <summary>What should go out: the lower one of both.</summary>
    public Layer Wanted => _splicer.Selector.Target;

    /// <summary>Somebody looks at it, as far as the node can tell.</summary>
    public bool IsWatched => IsWanted && IsAccepted && _subscriber.IsConnected;

    /// <summary>Somebody looks at it, or will as soon as the connection is up: by then the publisher may send again what it had stopped.</summary>
    public bool IsWanted => (_isAccepted || !_isAnswered) && !_isPaused && !_splicer.Selector.IsBlocked;

    public ref SubscriptionTally Tally => ref _tally;

    /// <summary>Why the node keeps it from the subscriber.</summary>
    public HoldReasons Holds { get; private set; }

    public long PacketsSent { get; private set; }

    public long BytesSent { get; private set; }

    public long PacketsResent { get; private set; }

    /// <summary>Encoding that goes out now; null before the first packet (for video: the first key frame).</summary>
    public Encoding? Current => _isRunning ? _splicer.Current : null;

    /// <summary>What goes out now; null while nothing does.</summary>
    public Layer? CurrentLayer
    {
        get
        {
            if (Current is not { Meter: { } meter } encoding)
                return null;
            var spatial = Source.Layers.IsSimulcast ? encoding.Rank : Math.Min(_splicer.Selector.SpatialLimit, meter.HighestSpatial);
            return new(spatial, Math.Min(_splicer.Selector.TemporalLimit, meter.HighestTemporal(0)));
        }
    }

    /// <summary>What the subscriber's answer made of the offer.</summary>
    public void Accept(DownTrackParameters parameters)
    {
        Parameters = parameters;
        // What went out by the former parameters would have another header now, and its index must not protect two different packets.
        _repeatableFrom = _splicer.HighestOutgoing + 1;
        if (!parameters.NackNegotiated || _sent is not null)
            return;
        _sent = new();
    }

    /// <summary>The publisher's packets carry their header extensions under other ids from now on.</summary>
    public void HandleSourceRenumbered() =>
        Accept(Parameters with { Extensions = HeaderExtensionMap.Between(Source.Parameters.Extensions, Parameters.SubscriberExtensions) });

    /// <summary>The subscriber wants as much of this track as of the one whose place it has taken.</summary>
    public void TakeWishes(DownTrack before) =>
        (_isPaused, _highest, _largest, _layersVersion) = (before._isPaused, before._highest, before._largest, -1);

    /// <summary>Padding can be sent beside the track, and the subscriber tells how it fared.</summary>
    public bool CanProbe => IsAccepted && _subscriber.IsConnected && Parameters is { RtxSsrc: not null, RtxPayloadType: not null } && Parameters.TransportSequenceId != 0;

    /// <summary>What the subscriber's receiver reports say.</summary>
    public ref ReportedReception Reception => ref _reception;

    /// <summary>The last sender report as its receiver quotes it, and when it left: the round-trip time follows.</summary>
    public (uint Quoted, Instant SentAt) LastReport { get; set; }

    /// <summary>Audio and video of one publisher have the same, and are played in sync (RFC 3550 section 6.5.1).</summary>
    public ReadOnlySpan<byte> Cname => Source.Publisher.Cname;

    /// <summary>What a sender report says now; null while nothing was sent, or the publisher's clock is unknown.</summary>
    public SenderInfo? SenderInfo(Instant now)
    {
        if (_splicer.Current is not { SenderClock: { } clock } current || !_splicer.GoesOnWith(current) || PacketsSent == 0)
            return null;
        var elapsed = now - clock.ReceivedAt;
        return new(
            Parameters.Ssrc,
            clock.NtpTime + elapsed,
            new(clock.Timestamp + _splicer.TimestampOffset + (uint)(elapsed.TotalSeconds * Source.ClockRate)),
            (uint)PacketsSent,
            // Without headers and padding (RFC 3550 section 6.4.1).
            (uint)_payloadBytesSent);
    }

    public void SetPaused(bool isPaused)
    {
        if (isPaused && !_isPaused)
            _tally.Pauses++;
        _isPaused = isPaused;
        _isRunning &= !isPaused;
        _urgency = SubscribersUrgency;
        if (isPaused)
            DropWaiting();
    }

    /// <summary>The most that the subscriber wants to see.</summary>
    public void Want(LayerWish wish, Instant now)
    {
        var highest = new Layer(wish.Spatial ?? _highest.Spatial, wish.Temporal ?? _highest.Temporal);
        var largest = new MaximumSize(wish.MaximumWidth ?? _largest.Width, wish.MaximumHeight ?? _largest.Height);
        if (Source.Kind != MediaKind.Video || (highest, largest) == (_highest, _largest))
            return;
        (_highest, _largest) = (highest, largest);
        Retarget(now, SubscribersUrgency);
    }

    private KeyFrameUrgency SubscribersUrgency => PacketsSent == 0 ? KeyFrameUrgency.Newcomer : KeyFrameUrgency.Returning;

    /// <summary>In which ways the track could be sent now, within what the subscriber wants: the cheapest first.</summary>
    /// <param name="options">Room for <see cref="TrackLayers.MaximumOptions"/>.</param>
    /// <param name="withExpected">Those too that would come if they were watched.</param>
    /// <param name="now">The current moment.</param>
    /// <returns>How many there are; none for audio, and while nothing comes.</returns>
    public int CopyOptions(Span<LayerOption> options, bool withExpected, Instant now)
    {
        if (Source.Kind != MediaKind.Video)
            return 0;
        // What is wanted may go by the sizes.
        if (_layersVersion != Source.Layers.Version)
            Retarget(now);
        return Source.Layers.CopyOptions(Wish, options, withExpected, now);
    }

    /// <summary>
    /// What the subscriber's bandwidth allows: the layer of one of the options, <see cref="Layer.All"/>, or null to stop sending video until more is allowed. Cheap when nothing
    /// changes. Fewer temporal layers go out from the next picture on, fewer spatial ones (another encoding) from the next key frame on, which is asked for.
    /// </summary>
    public void Allow(Layer? highest, Instant now)
    {
        var selector = _splicer.Selector;
        if (selector.Allowance == highest || Source.Kind != MediaKind.Video)
            return;
        selector.Allowance = highest;
        _isRunning &= highest is not null;
        if (highest is null)
            DropWaiting();
        Retarget(now);
    }

    /// <summary>Keeps the track from the subscriber, or gives it back: video then goes on with a key frame, which is asked for.</summary>
    public void Hold(HoldReasons reason, bool isHeld, Instant now)
    {
        var holds = isHeld ? Holds | reason : Holds & ~reason;
        if (holds == Holds)
            return;
        _tally.Pauses += Holds == HoldReasons.None ? 1 : 0;
        Holds = holds;
        _splicer.Selector.IsHeld = holds != HoldReasons.None;
        _isRunning &= !_splicer.Selector.IsHeld;
        if (_splicer.Selector.IsHeld)
            DropWaiting();
        Retarget(now);
    }

    /// <summary>Most that the node can send now, whatever the subscriber's bandwidth allows; audio has no layers.</summary>
    public void Limit(Layer highest, Instant now)
    {
        if (_splicer.Selector.Ceiling == highest || Source.Kind != MediaKind.Video)
            return;
        _splicer.Selector.Ceiling = highest;
        Retarget(now);
    }

    public void Forward(Encoding encoding, scoped in RtpPacketView packet, in PacketLayer layer, ulong sequence, Instant now)
    {
        if (_isPaused || !IsAccepted || _splicer.Selector.IsBlocked)
        {
            _subscriber.Drop(WhyBlocked);
            return;
        }
        if (!_subscriber.IsConnected)
        {
            _subscriber.Drop(DropReason.NotConnected);
            return;
        }
        HandleLayersChanged(now);
        var goesOn = _splicer.GoesOnWith(encoding);
        // Another source sends what goes out: it begins as another encoding does.
        _isRunning &= goesOn || encoding != _splicer.Current;
        var begins = (!_isRunning || !goesOn) && CanBegin(encoding, packet, layer, now);
        if (begins)
        {
            if (encoding != _splicer.Current)
                _subscriber.CountSwitch();
            _splicer.Begin(encoding, packet.Timestamp.Value, layer, sequence, now);
        }
        _isRunning |= begins;
        if (!_isRunning)
            _subscriber.Drop(DropReason.WaitingForKeyFrame);
        else
            Send(encoding, packet, layer, sequence, now);
        if (_splicer.Selector.NeedsKeyFrame && packet.Marker && encoding == Current)
            Source.Publisher.RequestKeyFrame(encoding, now, _urgency);
        if (!begins)
            return;
        SendOvertaken(encoding, sequence, now);
        TellChange();
    }

    /// <summary>
    /// Begins audio with the packet that came last, if it is fresh: the client's track is there at once, and need not wait for the next one, which silence leaves out for up to 400 ms.
    /// </summary>
    public void BeginWithNewest(Instant now)
    {
        if (Source.Kind == MediaKind.Audio && Source.TryGetNewest(Freshness, now, out var encoding, out var packet))
            Forward(encoding, packet, default, encoding.Highest, now);
    }

    /// <summary>The subscriber speaks of the stream's source: it has found the m-line, and need not be told it with every packet (RFC 9143 section 9.2).</summary>
    public void HandleMentioned() => _isSourceKnown = true;

    /// <summary>The publisher, or its stream, is gone.</summary>
    public void Forget(Instant now) => _subscriber.Forget(this, now);

    /// <summary>Chooses anew if other encodings come than before.</summary>
    public void HandleLayersChanged(Instant now)
    {
        if (IsCatchingUp)
        {
            // The one before is on its way: it is the path that takes so long, and another one would take longer.
            _subscriber.Drop(DropReason.KeyFrameRequestThrottled);
            return;
        }
        if (_layersVersion != Source.Layers.Version)
            Retarget(now, _urgency);
    }

    /// <summary>A FIR was sent again, in case it got lost: it has been followed already (RFC 5104 section 4.3.1.1).</summary>
    public bool IsRepetition(Ssrc sender, byte sequenceNumber)
    {
        var isRepetition = _lastFullIntraRequest == (sender, sequenceNumber);
        _lastFullIntraRequest = (sender, sequenceNumber);
        return isRepetition;
    }

    public void RequestKeyFrame(Instant now)
    {
        HandleLayersChanged(now);
        // Whoever is kept from a track may ask again and again, and would get none of the key frames: the one it needs is asked for when the track comes back.
        if (IsWatched && (Current ?? _target) is { } encoding)
            Source.Publisher.RequestKeyFrame(encoding, now, _isRunning ? KeyFrameUrgency.Routine : _urgency);
    }

    /// <summary>Tells the subscriber's side when other layers go out than it was told last.</summary>
    public void TellChange()
    {
        if (CurrentLayer is not { } layer || layer == _told || (_told is null && layer == default && !Source.Layers.IsSimulcast))
            return;
        byte? substream = Source.Layers.IsSimulcast && _told?.Spatial != layer.Spatial ? layer.Spatial : null;
        // With every change, since it says that the change is one of SVC.
        byte? spatial = !Source.Layers.IsSimulcast && Source.Codec is Codec.Vp9 or Codec.Av1 ? layer.Spatial : null;
        byte? temporal = _told?.Temporal != layer.Temporal ? layer.Temporal : null;
        _subscriber.Tell(new SubscriptionChanged(_subscriber.Id, Parameters.Mid, substream, spatial, temporal));
        _told = layer;
    }

    private DropReason WhyBlocked =>
        (Holds & HoldReasons.Overload) != 0 ? DropReason.Overload : Holds != HoldReasons.None ? DropReason.NotAmongSpeakers : DropReason.Paused;

    private static RtpPacketView Shape(in RtpPacketView packet, SentForm form) => form switch
    {
        SentForm.Empty => packet.HeaderOnly,
        SentForm.PrimaryBlock => RedundantAudio.Primary(packet),
        _ => packet,
    };

    /// <summary>Redundant audio goes out only as long as the subscriber's parameters have a payload type for it: see <see cref="Accept"/>.</summary>
    private PayloadType PayloadTypeOf(SentForm form) => form == SentForm.Redundant ? Parameters.RedundancyPayloadType!.Value : Parameters.PayloadType;

    private RtpHeaderRewrite Rewrite(scoped in RtpPacketView packet, PayloadType payloadType, Ssrc ssrc, ulong index, in Placement place, HopStamp stamp, bool namesMid) => new()
    {
        PayloadType = payloadType,
        SequenceNumber = (ushort)index,
        Timestamp = packet.Timestamp + place.TimestampOffset,
        Ssrc = ssrc,
        Marker = packet.Marker || place.Form == SentForm.Marked,
        MidExtensionId = namesMid ? Parameters.MidExtensionId : (byte)0,
        Mid = Parameters.MidBytes,
        AbsSendTimeExtensionId = Parameters.AbsSendTimeId,
        AbsSendTime = stamp.AbsSendTime,
        TransportSequenceNumberExtensionId = Parameters.TransportSequenceId,
        TransportSequenceNumber = stamp.TransportSequenceNumber,
        DependencyDescriptorId = place.Edit.ChangesFrameNumber ? Parameters.DependencyDescriptorId : (byte)0,
        FrameNumber = place.Edit.PictureId,
        AllowsTwoByteForm = Parameters.AllowsMixedExtensions,
    };

    private void Send(Encoding encoding, scoped in RtpPacketView packet, in PacketLayer layer, ulong sequence, Instant now)
    {
        if (!_splicer.TryPlace(encoding, packet, layer, sequence, now, out var place))
        {
            _subscriber.Drop(DropReason.OtherLayer);
            return;
        }
        if (Source.IsRedundant(packet))
            place = RedundantAudio.Shape(place, Source, Parameters);
        var downlink = _subscriber.Downlink;
        if (Source.Kind == MediaKind.Video && _sent is not null && !downlink.IsFree(now) && TryWait(encoding, packet, layer, place, sequence, now))
            return;
        var stamp = downlink.Stamp(Parameters, now);
        var namesMid = !_isSourceKnown;
        if (!TrySend(packet, place, stamp, namesMid, now, out var length))
            return;
        if (Source.Kind == MediaKind.Audio)
            downlink.HandleAudioSent(length);
        else
            _left = new(encoding.Index, packet.Timestamp.Value);
        _sent?.Add(encoding.Index, sequence, place, now.Milliseconds, stamp, namesMid);
    }

    private bool TrySend(scoped in RtpPacketView packet, in Placement place, HopStamp stamp, bool namesMid, Instant now, out int length)
    {
        var rewrite = Rewrite(packet, PayloadTypeOf(place.Form), Parameters.Ssrc, place.Outgoing, place, stamp, namesMid);
        var shaped = Shape(packet, place.Form);
        if (!_subscriber.TrySend(shaped, rewrite, Parameters.Extensions, place.Outgoing, place.Edit, out length))
            return false;
        _subscriber.Downlink.HandleSent(Parameters, length, now);
        PacketsSent++;
        BytesSent += length;
        _payloadBytesSent += shaped.Payload.Length;
        _resends.HandleSent(length);
        if (Source.Kind == MediaKind.Video && _tally.Gaps.HandlePacket(packet.Timestamp.Value + place.TimestampOffset, now))
            _subscriber.CountFreeze();
        return true;
    }

    /// <summary>Sends padding on the retransmission stream, whose numbers belong to nothing else: a part of a probe.</summary>
    /// <param name="bytes">Of padding, 1 to 255.</param>
    /// <param name="probe">The probe.</param>
    /// <param name="now">The current moment.</param>
    /// <returns>Length of the datagram.</returns>
    public int SendPadding(int bytes, byte probe, Instant now)
    {
        var rewrite = Rewrite(
            PaddingPacket.Template, Parameters.RtxPayloadType!.Value, Parameters.RtxSsrc!.Value, ++_rtxSequence,
            new(0, _splicer.TimestampOffset, default, SentForm.Empty), _subscriber.Downlink.Stamp(Parameters, now), namesMid: false);
        var buffer = _subscriber.Reserve();
        var header = PaddingPacket.Write(buffer, rewrite, bytes);
        var length = _subscriber.SendPadding(buffer, header, bytes, _rtxSequence);
        _subscriber.Downlink.HandleSent(Parameters, length, now, probe);
        return length;
    }

    /// <summary>Packets of the key frame that came before its first one: they were held back, and nobody would ask for them.</summary>
    private void SendOvertaken(Encoding encoding, ulong first, Instant now)
    {
        if (encoding.History is null || encoding.Highest - first > MaximumOvertaken)
            return;
        for (var sequence = first + 1; sequence <= encoding.Highest; sequence++)
        {
            if (!Source.IsStillToCome(encoding, sequence) && encoding.History.TryGet(sequence, out var stored) && RtpPacketView.TryParse(stored, out var packet, out _))
                Send(encoding, packet, PacketLayerReader.Read(encoding, packet), sequence, now);
        }
    }

    /// <summary>Says whether a packet of an encoding that does not go out may begin it, which for video takes a key frame.</summary>
    private bool CanBegin(Encoding encoding, scoped in RtpPacketView packet, in PacketLayer layer, Instant now)
    {
        if (Source.Kind != MediaKind.Video)
            return true;
        if (layer.StartsKeyFrame)
            return encoding == _target || IsNearerToTarget(encoding);
        // Once a frame is often enough to ask.
        if (encoding == _target && packet.Marker)
            Source.Publisher.RequestKeyFrame(encoding, now, _urgency);
        return false;
    }

    /// <summary>The target's own key frame may take a while: until then any encoding will do that is better than what goes out, and not too much.</summary>
    private bool IsNearerToTarget(Encoding encoding)
    {
        if (_target is not { } target)
            return false;
        if (Current is not { IsLive: true } current)
            return encoding.Rank <= target.Rank;
        return current.Rank < target.Rank
            ? current.Rank < encoding.Rank && encoding.Rank < target.Rank
            : target.Rank < encoding.Rank && encoding.Rank < current.Rank;
    }

    /// <summary>Chooses the encoding anew, and asks for the key frame that the change needs.</summary>
    /// <param name="now">The current moment.</param>
    /// <param name="urgency">Why: the node has a reason, or the subscriber another wish.</param>
    private void Retarget(Instant now, KeyFrameUrgency urgency = KeyFrameUrgency.Switch)
    {
        // Whatever the node's reasons, who has had nothing yet is a newcomer.
        _urgency = PacketsSent == 0 ? KeyFrameUrgency.Newcomer : urgency;
        _layersVersion = Source.Layers.Version;
        var selector = _splicer.Selector;
        selector.Wish = _highest with { Spatial = Math.Min(_highest.Spatial, Source.Layers.HighestWithin(_largest)) };
        _target = Source.Layers.Best(selector.Target.Spatial);
        Source.TellWanted(now);
        if (Source.Kind != MediaKind.Video || _target is not { } target || !IsWatched)
            return;
        var isSpatialMissing = selector.ChoosesSpatial && _isRunning && selector.SpatialLimit < Math.Min(selector.Target.Spatial, target.Meter!.HighestSpatial);
        if (target != Current || isSpatialMissing)
            Source.Publisher.RequestKeyFrame(target, now, _urgency);
    }
}
