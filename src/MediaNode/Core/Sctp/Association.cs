using System.Buffers.Binary;
using MediaNode.Core.Entropy;
using MediaNode.Core.Time;

namespace MediaNode.Core.Sctp;

/// <summary>
/// One SCTP association over DTLS (RFC 9260, RFC 8261) as a machine without I/O: packets and the time go in, packets and events come out. Both sides
/// may begin at once, as WebRTC has it. After every call drain <see cref="TryTakeTransmit"/> and <see cref="TryTakeEvent"/>, and read <see cref="NextTimeout"/>.
/// A restart (RFC 9260 section 5.2.4, action A) is not accepted: a peer that lost its state has lost its DTLS connection too.
/// </summary>
internal sealed class Association
{
    private readonly AssociationPorts _ports;
    private readonly IEntropy _entropy;
    private readonly uint _localTag;
    private readonly Tsn _localInitialTsn;
    private readonly byte[] _cookieKey = new byte[StateCookie.KeyBytes];
    private readonly ControlChunks _control = new();
    private readonly Queue<AssociationEvent> _events = new();
    private readonly RetransmissionTimeout _timeout = new();
    private readonly Heartbeats _heartbeats;
    private readonly Sender _sender;
    private Receiver? _receiver;
    private StreamResets? _resets;
    private PeerParameters _peer;
    private byte[] _cookieEcho = [];
    private Instant _handshakeDeadline = Instant.Never;
    private int _retries;

    public Association(AssociationPorts ports, IEntropy entropy)
    {
        _ports = ports;
        _entropy = entropy;
        do
            _localTag = entropy.UInt32();
        while (_localTag == 0);
        _localInitialTsn = new(entropy.UInt32());
        entropy.Fill(_cookieKey);
        _heartbeats = new(entropy, _timeout);
        _sender = new(_timeout);
    }

    public AssociationState State { get; private set; } = AssociationState.Closed;

    /// <summary>Why it ended: "aborted" by the peer, "lost", "shutdown", "protocol-violation", or what <see cref="Abort"/> was told. Empty before.</summary>
    public string EndReason { get; private set; } = "";

    public int BufferedBytes => _sender.BufferedBytes;

    /// <summary>Messages that were given up after they were accepted for sending.</summary>
    public long AbandonedMessages => _sender.Abandoned;

    /// <summary>DATA on streams that were not agreed.</summary>
    public long InvalidStreamChunks { get; private set; }

    public int StreamsToPeer => Math.Min(_peer.InboundStreams, (ushort)SctpLimits.Streams);

    public Instant NextTimeout
    {
        get
        {
            var next = Instant.Min(_handshakeDeadline, Instant.Min(_sender.Deadline, _heartbeats.Deadline));
            return Instant.Min(next, Instant.Min(_receiver?.Deadline ?? Instant.Never, _resets?.Deadline ?? Instant.Never));
        }
    }

    private bool IsReceiving => State is AssociationState.Established or AssociationState.ShutdownPending or AssociationState.ShutdownSent;

    private bool IsSending => State is AssociationState.Established or AssociationState.ShutdownPending or AssociationState.ShutdownReceived;

    /// <summary>Begins from this side: sends INIT.</summary>
    public void Start(Instant now)
    {
        if (State != AssociationState.Closed)
            return;
        Enter(AssociationState.CookieWait, now);
    }

    /// <summary>Takes a message for sending; it waits until the association is up.</summary>
    /// <returns>False when it is too long, there is no room for it, or the association is on its end.</returns>
    public bool TrySend(ushort streamId, uint payloadProtocol, ReadOnlyMemory<byte> payload, in SendOptions options, Instant now)
    {
        if (State >= AssociationState.ShutdownPending || payload.IsEmpty || payload.Length > SctpLimits.MessageBytes)
            return false;
        return _sender.TryAdd(new(streamId, payloadProtocol, payload, options, now), options.IsReliable);
    }

    /// <summary>Begins a stream anew once its messages have gone out: closes its data channel in this direction.</summary>
    /// <returns>False when the peer cannot; nothing is sent then.</returns>
    public bool TryResetStream(ushort streamId, Instant now)
    {
        if (_resets is null || !_peer.StreamReset)
            return false;
        _resets.Add(streamId);
        Continue(now);
        return true;
    }

    public PacketVerdict HandlePacket(ReadOnlySpan<byte> packet, Instant now)
    {
        if (!SctpPacketView.TryParse(packet, out var view, out _))
            return PacketVerdict.Malformed;
        if (State == AssociationState.Ended || view.SourcePort != _ports.RemotePort || view.DestinationPort != _ports.LocalPort || !IsTagRight(view))
            return PacketVerdict.NotOurs;
        _heartbeats.HandleActivity(now);
        var chunks = view.Chunks;
        while (State != AssociationState.Ended && chunks.MoveNext() && TryHandle(chunks.Current, now))
        {
        }
        _receiver?.EndPacket(now);
        DeliverMessages();
        Continue(now);
        return PacketVerdict.Accepted;
    }

    public void HandleTimeout(Instant now)
    {
        if (now >= _handshakeDeadline)
            RepeatHandshake(now);
        _receiver?.HandleTimeout(now);
        if (_sender.HandleTimeout(now))
            CountRetry();
        if (_resets?.HandleTimeout(now) is { } reset)
        {
            CountRetry();
            _control.Add(reset, _peer.Tag);
        }
        if (now >= _heartbeats.Deadline)
        {
            if (_heartbeats.HandleTimeout(now, out var heartbeat))
                CountRetry();
            _control.Add(heartbeat, _peer.Tag);
        }
        Continue(now);
    }

    /// <summary>One packet per call; false when there is none left.</summary>
    public bool TryTakeTransmit(Span<byte> destination, Instant now, out int length)
    {
        length = 0;
        var tag = _control.NextTag ?? _peer.Tag;
        var writer = new SctpPacketWriter(destination[..SctpLimits.PacketBytes], _ports.LocalPort, _ports.RemotePort, tag);
        if (_control.Write(ref writer, tag) && State != AssociationState.Ended)
        {
            if (_receiver is { IsSackDue: true } && writer.Room > SctpLimits.PacketBytes / 2)
                _receiver.WriteSack(ref writer);
            if (IsSending)
                _sender.Write(ref writer, mayBegin: true, now);
        }
        if (writer.IsEmpty)
            return false;
        length = writer.Finish();
        return true;
    }

    public bool TryTakeEvent(out AssociationEvent associationEvent) => _events.TryDequeue(out associationEvent);

    /// <summary>Ends it in good order: what was taken for sending goes out first (RFC 9260 section 9.2).</summary>
    public void Shutdown(Instant now)
    {
        if (State is AssociationState.Closed or AssociationState.CookieWait or AssociationState.CookieEchoed)
            End("shutdown");
        else if (State == AssociationState.Established)
            State = AssociationState.ShutdownPending;
        Continue(now);
    }

    /// <summary>Ends it at once (RFC 9260 section 9.1).</summary>
    public void Abort(string reason) => AbortBecause(ErrorCause.UserInitiated, reason);

    private void AbortBecause(ErrorCause cause, string reason)
    {
        if (State == AssociationState.Ended)
            return;
        var tag = _peer.Tag;
        End(reason);
        if (tag != 0)
            _control.Add(PlainChunks.WriteCause(ChunkType.Abort, cause, []), tag);
    }

    private void End(string reason)
    {
        State = AssociationState.Ended;
        EndReason = reason;
        _handshakeDeadline = Instant.Never;
        _control.Clear();
        _sender.Clear();
        _heartbeats.Stop();
        (_receiver, _resets) = (null, null);
        _events.Enqueue(new(AssociationEventKind.Ended));
    }

    /// <summary>RFC 9260 section 8.5. Packets with a wrong tag are dropped without a word.</summary>
    private bool IsTagRight(in SctpPacketView packet)
    {
        var chunks = packet.Chunks;
        chunks.MoveNext();
        var first = chunks.Current;
        return first.Type switch
        {
            ChunkType.Init => packet.VerificationTag == 0 && chunks.IsAtEnd,
            // The T bit: the sender had no tag of ours, so its own one is in the packet.
            ChunkType.Abort or ChunkType.ShutdownComplete when (first.Flags & 1) != 0 => _peer.Tag != 0 && packet.VerificationTag == _peer.Tag,
            _ => packet.VerificationTag == _localTag,
        };
    }

    /// <returns>Whether to go on with the packet's next chunk.</returns>
    private bool TryHandle(ChunkView chunk, Instant now)
    {
        switch (chunk.Type)
        {
            case ChunkType.Init:
                HandleInit(chunk, now);
                return false;
            case ChunkType.InitAck:
                HandleInitAck(chunk, now);
                return false;
            case ChunkType.CookieEcho:
                return TryHandleCookieEcho(chunk, now);
            case ChunkType.CookieAck:
                if (State == AssociationState.CookieEchoed)
                    Establish(now);
                return true;
            case ChunkType.Data:
                return TryHandleData(chunk);
            case ChunkType.Sack:
                HandleSack(chunk, now);
                return true;
            case ChunkType.ForwardTsn:
                if (IsReceiving && ForwardTsnView.TryParse(chunk, out var forward, out _))
                    _receiver!.HandleForwardTsn(forward);
                return true;
            case ChunkType.Reconfig:
                if (IsReceiving && ReconfigView.TryParse(chunk, out var reconfig, out _))
                    HandleReconfig(reconfig, now);
                return true;
            case ChunkType.Heartbeat:
                if (_peer.Tag != 0 && chunk.Value.Length <= SctpLimits.HeartbeatBytes)
                    _control.Add([(byte)ChunkType.HeartbeatAck, .. chunk.Bytes[1..]], _peer.Tag);
                return true;
            case ChunkType.HeartbeatAck:
                if (_heartbeats.TryHandleAck(chunk, now))
                    _retries = 0;
                return true;
            case ChunkType.Abort:
                End("aborted");
                return false;
            case ChunkType.Error:
                // Reports only; a stale cookie is overcome by INIT's own timer.
                return true;
            case ChunkType.Shutdown:
                HandleShutdown(chunk, now);
                return true;
            case ChunkType.ShutdownAck:
                HandleShutdownAck();
                return true;
            case ChunkType.ShutdownComplete:
                if (State == AssociationState.ShutdownAckSent)
                    End("shutdown");
                return false;
            default:
                return TrySkip(chunk);
        }
    }

    /// <summary>Answered from every state with the same tag and TSN, so that both sides may begin at once (RFC 9260 section 5.2.1).</summary>
    private void HandleInit(ChunkView chunk, Instant now)
    {
        if (!InitChunkView.TryParse(chunk, out var init, out _) || State >= AssociationState.ShutdownPending)
            return;
        var peer = PeerParameters.Read(init);
        // A restart in disguise: no answer, no cookie.
        if (State == AssociationState.Established && peer.Tag != _peer.Tag)
            return;
        _control.Add(HandshakeChunks.WriteInitAck(_localTag, _localInitialTsn, init, peer, _cookieKey, now), peer.Tag, isAlone: true);
    }

    private void HandleInitAck(ChunkView chunk, Instant now)
    {
        if (State != AssociationState.CookieWait || !InitChunkView.TryParse(chunk, out var init, out _) || !HandshakeChunks.TryGetCookie(init, out var cookie))
            return;
        _peer = PeerParameters.Read(init);
        _cookieEcho = HandshakeChunks.WriteCookieEcho(cookie);
        Enter(AssociationState.CookieEchoed, now);
        if (HandshakeChunks.WriteUnrecognizedError(init) is { } error)
            _control.Add(error, _peer.Tag);
    }

    /// <summary>RFC 9260 section 5.2.4, actions B and D.</summary>
    private bool TryHandleCookieEcho(ChunkView chunk, Instant now)
    {
        if (State >= AssociationState.ShutdownPending || !StateCookie.TryRead(chunk.Value, _localTag, _cookieKey, now, out var peer, out var isStale))
            return false;
        if (State == AssociationState.Established)
        {
            if (peer.Tag != _peer.Tag)
                return false;
        }
        else if (isStale)
        {
            _control.Add(PlainChunks.WriteCause(ChunkType.Error, ErrorCause.StaleCookie, [0, 0, 0, 0]), peer.Tag);
            return false;
        }
        else
        {
            _peer = peer;
            _control.Clear();
        }
        _control.Add(PlainChunks.WriteEmpty(ChunkType.CookieAck), _peer.Tag);
        if (State != AssociationState.Established)
            Establish(now);
        return true;
    }

    private void Establish(Instant now)
    {
        State = AssociationState.Established;
        _handshakeDeadline = Instant.Never;
        _cookieEcho = [];
        _retries = 0;
        _receiver = new(_peer.InitialTsn, Math.Min(_peer.OutboundStreams, (ushort)SctpLimits.Streams));
        _resets = new(_localInitialTsn, _peer.InitialTsn, _timeout);
        _sender.Start(_localInitialTsn, _peer.Window);
        _sender.PartialReliability = _peer.PartialReliability;
        _heartbeats.HandleActivity(now);
        _events.Enqueue(new(AssociationEventKind.Established));
    }

    private bool TryHandleData(ChunkView chunk)
    {
        if (!IsReceiving || !DataChunkView.TryParse(chunk, out var data, out _))
            return true;
        if (data.UserData.IsEmpty)
        {
            AbortBecause(ErrorCause.NoUserData, "protocol-violation");
            return false;
        }
        var outcome = _receiver!.HandleData(data);
        if (outcome == DataOutcome.InvalidStream)
            Refuse(data.StreamId);
        if (outcome == DataOutcome.Violation)
            AbortBecause(ErrorCause.ProtocolViolation, "protocol-violation");
        return outcome != DataOutcome.Violation;
    }

    /// <summary>RFC 9260 section 3.3.10.1. Alone in its packet: behind it no SACK may come (section 6.5).</summary>
    private void Refuse(ushort streamId)
    {
        InvalidStreamChunks++;
        Span<byte> information = stackalloc byte[2 * sizeof(ushort)];
        BinaryPrimitives.WriteUInt32BigEndian(information, (uint)streamId << 16);
        _control.Add(PlainChunks.WriteCause(ChunkType.Error, ErrorCause.InvalidStream, information), _peer.Tag, isAlone: true);
    }

    private void HandleSack(ChunkView chunk, Instant now)
    {
        if (State is (AssociationState.Established or AssociationState.ShutdownPending or AssociationState.ShutdownReceived)
            && SackChunkView.TryParse(chunk, out var sack, out _) && _sender.TryHandleSack(sack, now))
            _retries = 0;
    }

    private void HandleReconfig(in ReconfigView reconfig, Instant now)
    {
        foreach (var parameter in reconfig.Parameters)
        {
            if (OutgoingResetView.TryParse(parameter, out var reset, out _))
                HandleReset(reset);
            else if (ReconfigResponseView.TryParse(parameter, out var response, out _))
                HandleResponse(response, now);
            else if (parameter.Type is ParameterType.IncomingReset or ParameterType.AssociationReset or ParameterType.AddOutgoingStreams or ParameterType.AddIncomingStreams
                && parameter.Value.Length >= sizeof(uint))
                _control.Add(_resets!.Deny(BinaryPrimitives.ReadUInt32BigEndian(parameter.Value)), _peer.Tag);
        }
    }

    private void HandleReset(in OutgoingResetView reset)
    {
        var response = _resets!.HandleRequest(reset, _receiver!.CumulativeTsn, out var isDue);
        _control.Add(response, _peer.Tag);
        if (!isDue)
            return;
        // What came before the reset belongs to the channel that it closes.
        DeliverMessages();
        var all = reset.StreamCount == 0;
        for (var i = 0; i < (all ? SctpLimits.Streams : reset.StreamCount); i++)
        {
            var streamId = all ? (ushort)i : reset.StreamId(i);
            _receiver.ResetStream(streamId);
            _events.Enqueue(new(AssociationEventKind.StreamResetByPeer, streamId));
        }
    }

    private void HandleResponse(in ReconfigResponseView response, Instant now)
    {
        _retries = 0;
        foreach (var streamId in _resets!.HandleResponse(response, now))
        {
            _sender.ResetStream(streamId);
            _events.Enqueue(new(AssociationEventKind.StreamResetDone, streamId));
        }
    }

    private void HandleShutdown(ChunkView chunk, Instant now)
    {
        if (chunk.Value.Length < sizeof(uint) || State < AssociationState.Established)
            return;
        _sender.HandleShutdown(new(BinaryPrimitives.ReadUInt32BigEndian(chunk.Value)), now);
        if (State is AssociationState.Established or AssociationState.ShutdownPending)
            State = AssociationState.ShutdownReceived;
        else if (State == AssociationState.ShutdownSent)
            Enter(AssociationState.ShutdownAckSent, now);
    }

    private void HandleShutdownAck()
    {
        if (State is not (AssociationState.ShutdownSent or AssociationState.ShutdownAckSent))
            return;
        var tag = _peer.Tag;
        End("shutdown");
        _control.Add(PlainChunks.WriteEmpty(ChunkType.ShutdownComplete), tag);
    }

    /// <summary>RFC 9260 section 3.2: the high bits of an unknown type say whether to stop, and whether to report.</summary>
    private bool TrySkip(ChunkView chunk)
    {
        if (((byte)chunk.Type & 0x40) != 0 && _peer.Tag != 0)
            _control.Add(PlainChunks.WriteCause(ChunkType.Error, ErrorCause.UnrecognizedChunk, chunk.Bytes[..Math.Min(chunk.Bytes.Length, SctpLimits.HeartbeatBytes)]), _peer.Tag);
        return ((byte)chunk.Type & 0x80) != 0;
    }

    /// <summary>What became possible: a reset whose stream is empty, a step of the shutdown.</summary>
    private void Continue(Instant now)
    {
        if (State == AssociationState.Established && _resets!.TakeRequest(_sender, now) is { } request)
            _control.Add(request, _peer.Tag);
        if (State == AssociationState.ShutdownPending && _sender.IsIdle)
            Enter(AssociationState.ShutdownSent, now);
        else if (State == AssociationState.ShutdownReceived && _sender.IsIdle)
            Enter(AssociationState.ShutdownAckSent, now);
    }

    /// <summary>Goes over to a state whose chunk the peer has to answer.</summary>
    private void Enter(AssociationState state, Instant now)
    {
        State = state;
        _retries = 0;
        _handshakeDeadline = now + _timeout.Value;
        SendStep();
    }

    /// <summary>What belongs to the present state; it is sent again until the peer answers.</summary>
    private void SendStep()
    {
        switch (State)
        {
            case AssociationState.CookieWait:
                _control.Add(HandshakeChunks.WriteInit(_localTag, _localInitialTsn), tag: 0, isAlone: true);
                break;
            case AssociationState.CookieEchoed:
                _control.Add(_cookieEcho, _peer.Tag);
                break;
            case AssociationState.ShutdownSent:
                _control.Add(PlainChunks.WriteShutdown(_receiver!.CumulativeTsn), _peer.Tag);
                break;
            case AssociationState.ShutdownAckSent:
                _control.Add(PlainChunks.WriteEmpty(ChunkType.ShutdownAck), _peer.Tag);
                break;
        }
    }

    /// <summary>T1-init, T1-cookie and T2-shutdown: what was sent last is sent again.</summary>
    private void RepeatHandshake(Instant now)
    {
        _timeout.BackOff();
        _handshakeDeadline = now + _timeout.Value;
        if (++_retries > (State <= AssociationState.CookieEchoed ? SctpLimits.HandshakeRetries : SctpLimits.Retries))
        {
            GiveUpHandshake();
            return;
        }
        SendStep();
    }

    private void GiveUpHandshake()
    {
        _handshakeDeadline = Instant.Never;
        if (State <= AssociationState.CookieEchoed)
            (State, _peer, _cookieEcho) = (AssociationState.Closed, default, []);
        else
            End("lost");
    }

    private void CountRetry()
    {
        if (++_retries > SctpLimits.Retries && State != AssociationState.Ended)
            End("lost");
    }

    private void DeliverMessages()
    {
        while (_receiver is not null && _receiver.TryTake(out var message))
            _events.Enqueue(new(AssociationEventKind.Message, message.StreamId, message));
    }
}
