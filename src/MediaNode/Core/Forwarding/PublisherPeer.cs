using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using MediaNode.Core.Forwarding.Redundancy;
using MediaNode.Core.Forwarding.Speakers;
using MediaNode.Core.Rtp;
using MediaNode.Core.Sctp;
using MediaNode.Core.Sdp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>A client's sending PeerConnection: its tracks, and the feedback that its sender lives on.</summary>
internal sealed class PublisherPeer : Peer
{
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

    /// <summary>Who gets the messages of the data channels.</summary>
    public List<SubscriberPeer> DataSubscribers { get; } = [];

    public IReadOnlyCollection<DataChannel> DataChannels => Data?.Channels.Channels ?? [];

    public bool IsTalking => _speech.IsTalking;

    /// <summary>0 silence to 1 full scale; null while the client tells none.</summary>
    public double? MicrophoneLevel => _speech.Linear;

    protected override Instant NextMediaTimeout => _nextTimeout;

    /// <summary>Answers an offer. A failure has changed nothing.</summary>
    public bool TryNegotiate(
        SessionDescription offer, Func<Peer, LocalTransport> local, Instant now, [NotNullWhen(true)] out string? answer, [NotNullWhen(false)] out SdpFailure? failure)
    {
        answer = null;
        if (!OfferAnswer.TryAnswerPublisher(offer, local(this), out var negotiated, out failure))
            return false;
        if (_negotiated is { } before && before.Remote.IceUfrag != negotiated.Remote.IceUfrag)
        {
            // An ICE restart (RFC 8839 section 4.4.1.1.1): both sides change their credentials, so the answer is written again.
            RestartIce();
            if (!OfferAnswer.TryAnswerPublisher(offer, local(this), out negotiated, out failure))
                return false;
        }
        _negotiated = negotiated;
        Apply(negotiated, offer, now);
        answer = negotiated.Description.ToString();
        return true;
    }

    /// <summary>Begins the handshake, or announces what a renegotiation changed.</summary>
    public void Start(Instant now)
    {
        Ice.RemoteUfrag = _negotiated!.Remote.IceUfrag;
        if (!HandshakeStarted)
            StartHandshake(_negotiated.LocalRole, _negotiated.Remote.Fingerprints, now);
        else if (IsConnected)
            Room.Announce(new PublisherReady(_participant.PublisherInfo));
        UseData(_negotiated.Media.FirstOrDefault(media => media.Data is not null)?.Data, now);
        Engine.Deadlines.Schedule(this);
    }

    /// <summary>Most that the client should send: the least of the room's cap and its own.</summary>
    /// <param name="bitsPerSecond">Its own; 0 for none.</param>
    public void CapBitrate(long bitsPerSecond)
    {
        var own = bitsPerSecond > 0 ? new Bitrate(bitsPerSecond) : Bitrate.Unlimited;
        var rooms = Room.Limits.PublisherBitrate > 0 ? new Bitrate(Room.Limits.PublisherBitrate) : Bitrate.Unlimited;
        _control.SetCap(Bitrate.Min(own, rooms));
    }

    public void RequestKeyFrames(Instant now)
    {
        foreach (var track in _tracks)
        {
            foreach (var encoding in track.Encodings)
                RequestKeyFrame(encoding, now, urgent: false);
        }
    }

    public void RequestKeyFrame(Encoding encoding, Instant now, bool urgent)
    {
        if (encoding.KeyFrames is not { } requests || encoding.Ssrc is null)
            return;
        if (!requests.Want(now, urgent))
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
        if (!_sources.TryGet(packet.Ssrc, out var source) && !_sources.TryLearn(packet, _tracks, out source))
        {
            Drop(_sources.IsFull ? DropReason.RtpTooManySources : DropReason.RtpUnknownSource);
            UpdateTimeout(_control.NextTimeout);
            return;
        }
        if (!source.IsRetransmission)
            Accept(source.Encoding, packet, now);
        else if (packet.Payload.Length > sizeof(ushort) && TryRestore(source.Encoding, packet, bytes, out var original))
        {
            source.Encoding.Tally.Retransmitted++;
            Accept(source.Encoding, original, now);
        }
        else
            Drop(DropReason.RtpPadding);
        UpdateTimeout(Instant.Min(_control.NextTimeout, source.Encoding.Nack?.NextTimeout ?? Instant.Never));
    }

    protected override void HandleControl(ReadOnlySpan<byte> compound, Instant now) => _control.Handle(compound, now);

    protected override void HandleMediaTimeout(Instant now)
    {
        _control.HandleTimeout(now);
        _nextTimeout = _control.NextTimeout;
        foreach (var track in _tracks)
        {
            foreach (var encoding in track.Encodings)
            {
                _nextTimeout = Instant.Min(_nextTimeout, encoding.Nack?.NextTimeout ?? Instant.Never);
                _nextTimeout = Instant.Min(_nextTimeout, encoding.KeyFrames?.NextTimeout ?? Instant.Never);
            }
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
        Room.Speakers.Add(_speaker, now);
        Room.Tell(Instance, new PeerConnected(Id, ParticipantId));
        Room.Announce(new PublisherReady(_participant.PublisherInfo));
        // A subscriber may be there already, from before a renegotiation or a replaced connection.
        foreach (var downTrack in _tracks.SelectMany(track => track.DownTracks))
            downTrack.RequestKeyFrame(now);
    }

    protected override void HandleClosed(string reason, Instant now)
    {
        foreach (var downTrack in _tracks.SelectMany(track => track.DownTracks).ToList())
            downTrack.Forget();
        foreach (var subscriber in DataSubscribers.ToList())
            subscriber.ForgetData(this, now);
        if (_participant.Publisher == this)
            _participant.Publisher = null;
        Room.Speakers.Remove(_speaker, now);
        Room.Tell(Instance, new PeerClosed(Id, ParticipantId, reason));
        if (WasConnected)
            Room.Announce(new PublisherGone(ParticipantId, reason));
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
        if (!encoding.TryAccept(packet.SequenceNumber, packet.Timestamp.Value, packet.Packet.Length, now, out var sequence))
        {
            Drop(DropReason.RtpDuplicate);
            return;
        }
        if (encoding.Nack is { } nack && !nack.HandlePacket(sequence, now))
            RequestKeyFrame(encoding, now, urgent: false);
        if (track.Kind == MediaKind.Audio)
            HandleAudioLevel(track, packet, now);
        if (redundant.RedundantCount > 0 && encoding.IsPreviousMissing(sequence))
            Restore(encoding, packet, redundant, sequence, now);
        encoding.LostFrame?.HandlePacket(sequence, packet.Timestamp.Value);
        track.Receive(encoding, packet, sequence, Engine.FanOut, now);
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
        if (track.AudioLevelId != 0 && packet.TryGetExtension(track.AudioLevelId, out var value) && value.Length == 1)
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
        foreach (var media in negotiated.Media)
        {
            var isDisabled = offer.Media[media.Index].Direction is MediaDirection.Inactive or MediaDirection.ReceiveOnly;
            streams.Add(new(media.Kind, media.Index, media.Mid, media.Codec?.Codec.Name() ?? "", media.Rids.Length > 1, isDisabled));
            if (media.Codec is null)
                continue;
            var track = _tracks.Find(track => track.Mid == media.Mid);
            if (track is null)
                _tracks.Add(track = CreateTrack(media));
            track.RedundancyPayloadType = media.Codec.Redundancy?.PayloadType;
            BindSources(track, media);
        }
        Streams = streams;
        _control.Configure(_tracks);
        foreach (var gone in _tracks.Where(track => !negotiated.Media.Any(media => media.Mid == track.Mid)).ToList())
        {
            _tracks.Remove(gone);
            foreach (var downTrack in gone.DownTracks.ToList())
                downTrack.Forget();
        }
    }

    private PublishedTrack CreateTrack(NegotiatedMedia media)
    {
        var codec = media.Codec!;
        var track = new PublishedTrack
        {
            Publisher = this,
            Mid = media.Mid,
            Kind = media.Kind,
            Codec = codec.Codec,
            ClockRate = codec.ClockRate,
            PayloadType = codec.PayloadType,
            RtxPayloadType = codec.RetransmissionPayloadType,
            NackNegotiated = codec.Feedback.Contains("nack"),
            FormatParameters = codec.Parameters,
            Extensions = media.Extensions,
        };
        var encodings = Math.Clamp(Math.Max(media.Rids.Length, media.Sources.Length), 1, PublishedTrack.MaximumEncodings);
        for (var i = 0; i < encodings; i++)
            track.AddEncoding(i < media.Rids.Length ? media.Rids[i] : null);
        return track;
    }

    private void BindSources(PublishedTrack track, NegotiatedMedia media)
    {
        for (var i = 0; i < media.Sources.Length && i < track.Encodings.Count; i++)
        {
            _sources.Bind(media.Sources[i].Primary, new(track.Encodings[i], IsRetransmission: false));
            if (media.Sources[i].Retransmission is { } retransmission)
                _sources.Bind(retransmission, new(track.Encodings[i], IsRetransmission: true));
        }
    }
}
