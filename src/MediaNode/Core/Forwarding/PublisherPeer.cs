using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using MediaNode.Core.Dtls;
using MediaNode.Core.Forwarding.Redundancy;
using MediaNode.Core.Forwarding.Speakers;
using MediaNode.Core.Recovery;
using MediaNode.Core.Rtp;
using MediaNode.Core.Sctp;
using MediaNode.Core.Sdp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>A client's sending PeerConnection: its tracks, and the feedback that its sender lives on.</summary>
internal sealed class PublisherPeer : Peer
{
    /// <summary>The first packets of an encoding may overtake one another.</summary>
    private static readonly TimeSpan FirstFrameTime = TimeSpan.FromMilliseconds(50);

    private readonly Participant _participant;
    private readonly List<PublishedTrack> _tracks = [];
    private readonly SourceTable _sources = new();
    private readonly PublisherControl _control;
    private readonly SpeechDetector _speech = new();
    private readonly Speaker _speaker;
    private PublisherAnswer? _negotiated;
    private Instant _nextTimeout = Instant.Never;

    public PublisherPeer(EngineContext engine, Participant participant, ulong id, Instant now)
        : base(engine, participant.Room, id, participant.Id, participant.Instance, now)
    {
        _participant = participant;
        _speaker = new(participant.Id);
        Cname = System.Text.Encoding.ASCII.GetBytes(participant.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        _control = new(this, engine);
    }

    /// <summary>CNAME of all streams that go out for this publisher.</summary>
    public byte[] Cname { get; }

    public string Display => _participant.Display;

    public List<PublishedTrack> Tracks => _tracks;

    public IReadOnlyList<StreamInfo> Streams { get; private set; } = [];

    /// <summary>The client asked for them, also for its later offers.</summary>
    public IReadOnlyList<Codec> WishedCodecs { get; private set; } = [];

    /// <summary>Who gets the messages of the data channels.</summary>
    public List<SubscriberPeer> DataSubscribers { get; } = [];

    public IReadOnlyCollection<DataChannel> DataChannels => Data?.Channels.Channels ?? [];

    public bool IsTalking => _speech.IsTalking;

    /// <summary>0 silence to 1 full scale; null while the client tells none.</summary>
    public double? MicrophoneLevel => _speech.Linear;

    protected override Instant NextMediaTimeout => _nextTimeout;

    /// <summary>Answers an offer. A failure has changed nothing.</summary>
    public bool TryNegotiate(
        SessionDescription offer,
        IReadOnlyList<Codec> wishedCodecs,
        Func<Peer, LocalTransport> local,
        Instant now,
        [NotNullWhen(true)] out string? answer,
        [NotNullWhen(false)] out SdpFailure? failure)
    {
        answer = null;
        var codecs = CodecPreference.Of(wishedCodecs, Room.Limits.VideoCodecs);
        if (!OfferAnswer.TryAnswerPublisher(offer, local(this), Role ?? DtlsRole.Server, codecs, out var negotiated, out failure))
            return false;
        if (_negotiated is { } before && before.Remote.IceUfrag != negotiated.Remote.IceUfrag)
        {
            // An ICE restart (RFC 8839 section 4.4.1.1.1): both sides change their credentials, so the answer is written again.
            RestartIce();
            if (!OfferAnswer.TryAnswerPublisher(offer, local(this), Role ?? DtlsRole.Server, codecs, out negotiated, out failure))
                return false;
        }
        (_negotiated, WishedCodecs) = (negotiated, wishedCodecs);
        TakeDescription(negotiated.LocalRole, negotiated.Remote, offer.SessionId, now);
        Apply(negotiated, offer, now);
        answer = negotiated.Description.ToString();
        return true;
    }

    /// <summary>Begins the handshake, or announces what a renegotiation changed.</summary>
    public void Start(Instant now)
    {
        Ice.SetRemote(_negotiated!.Remote.IceUfrag, _negotiated.Remote.IcePassword);
        if (!HandshakeStarted)
            StartHandshake(now);
        else if (IsConnected)
            Room.Announce(new PublisherReady(_participant.PublisherInfo));
        UseData(_negotiated.Media.FirstOrDefault(media => media.Data is not null)?.Data, now);
        Engine.Deadlines.Schedule(this);
    }

    /// <summary>Most that the client should send: the least of the room's cap and its own.</summary>
    public void ApplyCap()
    {
        var rooms = Room.Limits.PublisherBitrate > 0 ? new Bitrate(Room.Limits.PublisherBitrate) : Bitrate.Unlimited;
        _control.SetCap(Bitrate.Min(_participant.Cap, rooms));
    }

    /// <param name="bitsPerSecond">The participant's own cap, until told otherwise; 0 for none.</param>
    public void CapBitrate(long bitsPerSecond)
    {
        _participant.Cap = bitsPerSecond > 0 ? new Bitrate(bitsPerSecond) : Bitrate.Unlimited;
        ApplyCap();
    }

    public void CountFreeze() => Engine.Counters.FreezeReceived();

    public void RequestKeyFrames(Instant now)
    {
        foreach (var track in _tracks)
        {
            foreach (var encoding in track.Encodings)
                RequestKeyFrame(encoding, now, KeyFrameUrgency.Routine);
        }
    }

    public void RequestKeyFrame(Encoding encoding, Instant now, KeyFrameUrgency urgency)
    {
        if (encoding.KeyFrames is not { } requests || encoding.Ssrc is null || encoding.IsAboveCap)
            return;
        requests.RoundTripTime = Ice.RoundTrip ?? requests.RoundTripTime;
        if (!requests.Want(now, urgency, encoding.IsReceiving(now)))
            Drop(DropReason.KeyFrameRequestThrottled);
        if (!IsConnected)
            return;
        _control.SendKeyFrameRequests(now);
        UpdateTimeout(requests.NextTimeout);
    }

    /// <summary>Every second: who sends no audio any more does not talk.</summary>
    public void HandleSilence(Instant now) => HandleSpeech(_speech.HandleSilence(now), now);

    public bool HasDataChannel(DataChannelParameters parameters) => Data?.Channels.Find(parameters) is not null;

    /// <summary>Tells the signalling instance that holds the client.</summary>
    public void Tell(Happening happening) => Room.Tell(Instance, happening);

    public Span<byte> Reserve() => Engine.Batch.Reserve();

    public new void SendControl(Span<byte> reserved, int length) => base.SendControl(reserved, length);

    protected override void HandlePacket(in RtpPacketView packet, Span<byte> bytes, Instant now)
    {
        _control.HandleArrival(packet, now);
        if (!_sources.TryGet(packet.Ssrc, out var source) && !_sources.TryLearn(packet, _tracks, now, out source, out var reason))
        {
            Drop(reason);
            UpdateTimeout(_control.NextTimeout);
            return;
        }
        if (source.IsRetransmission)
            HandleRetransmission(source.Encoding, packet, bytes, now);
        else
            HandleMedia(source, packet, bytes, now);
        UpdateTimeout(Instant.Min(_control.NextTimeout, source.Encoding.NextTimeout));
    }

    protected override bool IsInUse(uint ssrc) => _sources.TryGet(new(ssrc), out _);

    protected override void HandleControl(ReadOnlySpan<byte> compound, Instant now) => _control.Handle(compound, now);

    protected override void HandleMediaTimeout(Instant now)
    {
        _control.HandleTimeout(now);
        _nextTimeout = _control.NextTimeout;
        foreach (var track in _tracks)
        {
            foreach (var encoding in track.Encodings)
                _nextTimeout = Instant.Min(_nextTimeout, encoding.NextTimeout);
        }
    }

    protected override void HandleData(in DataChannelEvent dataEvent, Instant now)
    {
        foreach (var subscriber in DataSubscribers)
        {
            if (dataEvent.Kind == DataChannelEventKind.Message)
                subscriber.DataSubscription.Forward(dataEvent.Channel!.Parameters, dataEvent.Message, now);
            else if (dataEvent.Kind == DataChannelEventKind.Closed)
                subscriber.DataSubscription.CloseUnused(dataEvent.Channel!.Parameters, now);
        }
    }

    protected override void HandleConnected(Instant now)
    {
        _control.Start(now);
        _nextTimeout = _control.NextTimeout;
        if (!WasConnected)
            Room.Speakers.Add(_speaker, now);
        Room.Tell(Instance, new PeerConnected(Id, ParticipantId));
        Room.Announce(new PublisherReady(_participant.PublisherInfo));
        // A subscriber may be there already, from before a renegotiation or a replaced connection.
        foreach (var downTrack in _tracks.SelectMany(track => track.DownTracks))
            downTrack.RequestKeyFrame(now);
    }

    protected override void HandleAssociationEnded(IReadOnlyCollection<DataChannel> channels, Instant now)
    {
        foreach (var track in _tracks)
        {
            track.ForwardPending(now);
            _sources.Forget(track);
            foreach (var encoding in track.Encodings)
                encoding.Begin(null, null, now);
        }
        _control.HandleAssociationEnded();
        foreach (var subscriber in DataSubscribers)
        {
            foreach (var channel in channels)
                subscriber.DataSubscription.CloseUnused(channel.Parameters, now);
        }
    }

    protected override void HandleClosed(string reason, Instant now)
    {
        foreach (var downTrack in _tracks.SelectMany(track => track.DownTracks).ToList())
            downTrack.Forget(now);
        foreach (var subscriber in DataSubscribers.ToList())
            subscriber.ForgetData(this, now);
        if (_participant.Publisher == this)
            _participant.Publisher = null;
        Room.Speakers.Remove(_speaker, now);
        Room.Tell(Instance, new PeerClosed(Id, ParticipantId, reason));
        if (WasConnected)
            Room.Announce(new PublisherGone(ParticipantId, reason));
    }

    private void HandleMedia(SourceBinding source, in RtpPacketView packet, Span<byte> bytes, Instant now)
    {
        var track = source.Encoding.Track;
        if (source.Encoding.Ssrc != packet.Ssrc)
        {
            // What came from the source before is forwarded as such.
            track.ForwardPending(now);
            _sources.Begin(packet.Ssrc, source, now);
        }
        else if (source.Encoding.IsJump(packet.SequenceNumber))
        {
            // SRTP has told that the number is right. Handed on as a gap, it might be too wide for a subscriber's SRTP to follow (RFC 3711 section 3.3.1).
            track.ForwardPending(now);
            source.Encoding.BeginSequence();
        }
        track.Translate(packet, bytes);
        Accept(source.Encoding, packet, now);
    }

    private void HandleRetransmission(Encoding encoding, in RtpPacketView packet, Span<byte> bytes, Instant now)
    {
        encoding.RtxSsrc ??= packet.Ssrc;
        if (encoding.RtxSsrc != packet.Ssrc)
        {
            // It repeats packets of a source that has not begun yet: their numbers mean nothing here.
            Drop(DropReason.RtpUnprovenSource);
            return;
        }
        if (packet.Payload.Length <= sizeof(ushort) || !TryRestore(encoding, packet, bytes, out var original))
        {
            Drop(DropReason.RtpPadding);
            return;
        }
        if (encoding.IsJump(original.SequenceNumber))
        {
            Drop(DropReason.RtpUnprovenNumber);
            return;
        }
        encoding.Tally.Retransmitted++;
        Accept(encoding, original, now);
    }

    private void Accept(Encoding encoding, in RtpPacketView packet, Instant now)
    {
        var track = encoding.Track;
        if (!track.IsMedia(packet))
        {
            Drop(DropReason.RtpUnknownPayloadType);
            return;
        }
        var redundant = default(RedundantPayload);
        if (track.IsRedundant(packet) && !TryRead(packet, track, out redundant))
            return;
        var wasIdle = !encoding.IsReceiving(now);
        if (!encoding.TryAccept(packet.SequenceNumber, packet.Timestamp.Value, packet.Packet.Length, now, out var sequence))
        {
            Drop(DropReason.RtpDuplicate);
            return;
        }
        if (wasIdle)
            HandleResumed(encoding, now);
        if (encoding.Nack is { } nack && !nack.HandlePacket(sequence, now))
            RequestKeyFrame(encoding, now, KeyFrameUrgency.Routine);
        if (encoding.IsAboveCap)
        {
            Drop(DropReason.RtpAboveCap);
            return;
        }
        if (track.Kind == MediaKind.Audio)
            HandleAudioLevel(track, packet, now);
        if (redundant.RedundantCount > 0 && encoding.IsPreviousMissing(sequence))
            Restore(encoding, packet, redundant, sequence, now);
        encoding.LostFrame?.HandlePacket(sequence, packet.Timestamp.Value);
        track.Receive(encoding, packet, sequence, Engine.FanOut, now);
    }

    /// <summary>What was asked for on the way to the former address is lost.</summary>
    protected override void HandlePathChanged(Instant now)
    {
        foreach (var track in _tracks)
        {
            foreach (var encoding in track.Encodings)
                HandleResumed(encoding, now);
        }
    }

    /// <summary>An encoding comes after a time in which it did not: with a key frame, mostly, before the request could be due.</summary>
    private void HandleResumed(Encoding encoding, Instant now)
    {
        if (encoding.KeyFrames is not { } requests)
            return;
        requests.HandleResumed(now + FirstFrameTime);
        UpdateTimeout(requests.NextTimeout);
    }

    /// <summary>Redundant audio must be what was agreed, before it goes to anybody: every block of the track's codec.</summary>
    private bool TryRead(scoped in RtpPacketView packet, PublishedTrack track, out RedundantPayload redundant)
    {
        if (!RedundantPayload.TryParse(packet.Payload, out redundant, out _))
            Drop(DropReason.RtpMalformedRedundancy);
        else if (!redundant.IsAllOf(track.PayloadType))
            Drop(DropReason.RtpUnknownPayloadType);
        else
            return true;
        return false;
    }

    /// <summary>The packet before this one is lost, or late. If this one repeats it, it goes on as if it had come, and is not asked for.</summary>
    private void Restore(Encoding encoding, in RtpPacketView packet, in RedundantPayload redundant, ulong sequence, Instant now)
    {
        Span<byte> room = stackalloc byte[LostFrame.MaximumBytes];
        if (!encoding.LostFrame!.TryRestore(packet, redundant, encoding.Track.PayloadType, room, out var restored))
            return;
        encoding.TakePreviousAsRestored();
        encoding.Nack?.HandlePacket(sequence - 1, now);
        Engine.Counters.Restored();
        encoding.Track.Receive(encoding, restored, sequence - 1, Engine.FanOut, now);
    }

    private void HandleAudioLevel(PublishedTrack track, in RtpPacketView packet, Instant now)
    {
        // RFC 6464: the level in -dBov in the low 7 bits.
        if (track.Parameters.AudioLevelId is var id and not 0 && packet.TryGetExtension(id, out var value) && value.Length == 1)
            HandleSpeech(_speech.HandleLevel((byte)(value[0] & 0x7F), now), now);
    }

    private void HandleSpeech(bool hasTalkingChanged, Instant now)
    {
        if (hasTalkingChanged)
            Room.Announce(new TalkingChanged(ParticipantId, _speech.IsTalking, _speech.Level));
        _speaker.TellsLevel = _speech.IsKnown;
        _speaker.Level = _speech.ExactLevel;
        _speaker.IsTalking = _speech.IsTalking;
        Room.Speakers.Look(now);
    }

    /// <summary>Turns a retransmission back into the packet it repeats (RFC 4588 section 4), in place.</summary>
    private static bool TryRestore(Encoding encoding, in RtpPacketView packet, Span<byte> bytes, out RtpPacketView original)
    {
        original = default;
        if (encoding.Ssrc is not { } ssrc)
            return false;
        var header = packet.HeaderLength;
        var originalNumber = BinaryPrimitives.ReadUInt16BigEndian(packet.Payload);
        // The header moves up over the two bytes of the original number.
        bytes[..header].CopyTo(bytes[sizeof(ushort)..]);
        var restored = bytes[sizeof(ushort)..];
        restored[1] = (byte)((restored[1] & 0x80) | encoding.Track.PayloadType.Value);
        BinaryPrimitives.WriteUInt16BigEndian(restored[2..], originalNumber);
        BinaryPrimitives.WriteUInt32BigEndian(restored[8..], ssrc.Value);
        return RtpPacketView.TryParse(restored, out original, out _);
    }

    private void UpdateTimeout(Instant next)
    {
        if (next >= _nextTimeout)
            return;
        _nextTimeout = next;
        Engine.Deadlines.Schedule(this);
    }

    private void Apply(PublisherAnswer negotiated, SessionDescription offer, Instant now)
    {
        var streams = new List<StreamInfo>();
        var replaced = new List<(PublishedTrack Before, SelectedStream After)>();
        foreach (var media in negotiated.Media)
        {
            var isDisabled = offer.Media[media.Index].Direction is MediaDirection.Inactive or MediaDirection.ReceiveOnly;
            var parameters = media.Codec is null ? null : TrackParameters.From(media);
            var stream = new StreamInfo(media.Kind, media.Index, media.Mid, media.Codec?.Codec.Name() ?? "", parameters is { Encodings: > 1 }, isDisabled);
            streams.Add(stream);
            if (parameters is null)
                continue;
            var index = _tracks.FindIndex(track => track.Mid == media.Mid);
            if (index < 0)
            {
                index = _tracks.Count;
                _tracks.Add(new(this, media.Mid, parameters));
            }
            else if (parameters.Continues(_tracks[index].Parameters))
            {
                _tracks[index].ForwardPending(now);
                _tracks[index].Renegotiate(parameters);
            }
            else
            {
                var before = _tracks[index];
                _tracks[index] = new(this, media.Mid, parameters);
                replaced.Add((before, new(this, _tracks[index], stream, Layers: null)));
                End(before);
            }
            _sources.Announce(_tracks[index], media.Sources);
        }
        Streams = streams;
        _control.Configure(_tracks, negotiated.Remote.HasReducedSizeRtcp);
        foreach (var gone in _tracks.Where(track => !negotiated.Media.Any(media => media.Mid == track.Mid)).ToList())
        {
            _tracks.Remove(gone);
            End(gone);
            foreach (var downTrack in gone.DownTracks.ToList())
                downTrack.Forget(now);
        }
        Replace(replaced, now);
    }

    private void End(PublishedTrack track)
    {
        track.DiscardPending();
        _sources.Forget(track);
    }

    /// <summary>Another codec, or other encodings, in the place of the former: for subscribers a stream that ends and one that begins, which they have to be offered.</summary>
    private static void Replace(List<(PublishedTrack Before, SelectedStream After)> replaced, Instant now)
    {
        var concerned = new HashSet<SubscriberPeer>();
        foreach (var (before, after) in replaced)
        {
            foreach (var downTrack in before.DownTracks.ToList())
            {
                // An m-line keeps its kind of media (RFC 3264 section 8.3).
                if (before.Kind != after.Stream.Kind)
                {
                    downTrack.Forget(now);
                    continue;
                }
                concerned.Add(downTrack.Subscriber);
                downTrack.Subscriber.Replace(downTrack, after, now);
            }
        }
        foreach (var subscriber in concerned)
            subscriber.Tell(new NegotiationNeeded(subscriber.Id));
    }
}
