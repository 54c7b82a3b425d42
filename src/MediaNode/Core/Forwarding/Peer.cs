using MediaNode.Core.Dtls;
using MediaNode.Core.Forwarding.Layers;
using MediaNode.Core.Ice;
using MediaNode.Core.Net;
using MediaNode.Core.Rtp;
using MediaNode.Core.Sctp;
using MediaNode.Core.Sdp;
using MediaNode.Core.Srtp;
using MediaNode.Core.Stun;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>
/// One PeerConnection of a client: its ICE, DTLS and SRTP. What it carries is the business of <see cref="PublisherPeer"/> and
/// <see cref="SubscriberPeer"/>. Packets are judged in the order check, handshake, media; each step only takes what the one before vouched for.
/// </summary>
#pragma warning disable CA1001 // Close releases what the peer owns: a peer ends by an event of its session, not with a scope.
internal abstract class Peer : ITimed
#pragma warning restore CA1001
{
    /// <summary>A client sends its ClientHello when it has its answer, which may be before the answer's twin has come here by way of signalling.</summary>
    private const int MaximumEarlyHandshakeDatagrams = 4;

    private readonly List<byte[]> _earlyHandshake = [];
    private DtlsTransport? _dtls;
    private DtlsRole _role;
    private IReadOnlyList<DtlsFingerprint> _fingerprints = [];
    private ulong _sessionId;
    private string _remoteUfrag = "";
    private SrtpSender? _sender;
    private SrtpReceiver? _receiver;
    private PeerPath _path;
    private TransportAddress? _handshakeOrigin;
    private long _malformedDatagrams;
    private long _messagesNotTaken;
    private bool _isClosed;

    protected Peer(EngineContext engine, Room room, ulong id, ulong participantId, string instance, Instant now)
    {
        Engine = engine;
        Room = room;
        Id = id;
        ParticipantId = participantId;
        Instance = instance;
        Ice = new(engine.Entropy, now);
    }

    public int QueueIndex { get; set; } = -1;

    public Room Room { get; }

    public ulong Id { get; }

    /// <summary>0 for a watcher, who is in no list of participants.</summary>
    public ulong ParticipantId { get; }

    /// <summary>The signalling instance that holds the client's connection.</summary>
    public string Instance { get; }

    public IceLiteAgent Ice { get; }

    /// <summary>ICE and DTLS are up: media can flow.</summary>
    public bool IsConnected => _sender is not null && !_isClosed;

    /// <summary>Media has flowed, or could have, even if the peer is closed by now.</summary>
    public bool WasConnected { get; private set; }

    public SrtpProfile Profile => _dtls?.Profile ?? SrtpProfile.None;

    public Instant Deadline
    {
        get
        {
            if (_isClosed)
                return Instant.Never;
            var next = Instant.Min(Instant.Min(Ice.ConsentExpiresAt, Ice.NextTimeout), _dtls?.NextTimeout ?? Instant.Never);
            return IsConnected ? Instant.Min(next, Instant.Min(NextMediaTimeout, Data?.NextTimeout ?? Instant.Never)) : next;
        }
    }

    /// <summary>Data channels, once they and the handshake's role are negotiated.</summary>
    public DataLink? Data { get; private set; }

    protected EngineContext Engine { get; }

    protected abstract Instant NextMediaTimeout { get; }

    public void Drop(DropReason reason) => Engine.Drops.Count(reason);

    /// <summary>A Binding request that names this peer's username fragment.</summary>
    public void HandleCheck(in StunMessageView request, in TransportAddress source, Instant now)
    {
        var response = Engine.Batch.Reserve();
        // Any peer that knows a password can forge a check from another's address, and would take the other's packets.
        var isAnothers = Engine.Peers.ByAddress(source) is { } other && other != this && other.Ice.IsAt(source, now) && !Ice.IsProven(source, now);
        var outcome = Ice.HandleCheck(request, source, isAnothers, now, response, out var length, out var dropReason);
        if (outcome is IceCheckOutcome.Dropped or IceCheckOutcome.Refused)
            Drop(dropReason);
        if (outcome == IceCheckOutcome.Dropped)
            return;
        Engine.Batch.Commit(length, source);
        if (outcome == IceCheckOutcome.Refused)
            return;
        if (Ice.TakeEvicted() is { } evicted)
            Engine.Peers.Unbind(evicted, this);
        if (Ice.TakeRetiredUfrag() is { } retired)
            Engine.Peers.RemoveUfrag(retired);
        if (isAnothers)
            Engine.Peers.Claim(source, this);
        else
            TakeAddress(source, now);
        FollowSelected(now);
        _path.HandleReceived(source, request.Length);
        SendHandshake();
        Engine.Deadlines.Schedule(this);
    }

    /// <summary>A response to a Binding request.</summary>
    /// <returns>False when it is to none that this peer was sent.</returns>
    public bool HandleAnswer(in StunMessageView response, in TransportAddress source, Instant now)
    {
        if (!Ice.HandleAnswer(response, source, now))
            return false;
        TakeAddress(source, now);
        FollowSelected(now);
        Engine.Deadlines.Schedule(this);
        return true;
    }

    /// <summary>The connection behind an address has ended, so nothing can be sent there any more.</summary>
    public void HandleConnectionLost(in TransportAddress address, Instant now)
    {
        Engine.Peers.Unbind(address, this);
        HandleAddressLost(address, now);
    }

    /// <summary>New ICE credentials, to be told to the client; the former ones work until it has nominated with the new.</summary>
    public void RestartIce()
    {
        Ice.Restart(Engine.Entropy);
        if (Ice.TakeRetiredUfrag() is { } retired)
            Engine.Peers.RemoveUfrag(retired);
        Engine.Peers.AddUfrag(Ice.LocalUfrag, this);
    }

    public void HandleDtls(in TransportAddress source, ReadOnlySpan<byte> datagram, Instant now)
    {
        _path.HandleReceived(source, datagram.Length);
        if (!WasConnected && _handshakeOrigin is null)
        {
            if (!Engine.Handshakes.TryBegin(source.Origin))
            {
                Drop(DropReason.DtlsTooManyHandshakes);
                return;
            }
            _handshakeOrigin = source.Origin;
        }
        if (_dtls is null)
        {
            if (_earlyHandshake.Count < MaximumEarlyHandshakeDatagrams && datagram.Length <= TransmitBatch.MaximumDatagram)
                _earlyHandshake.Add(datagram.ToArray());
            else
                Drop(DropReason.DtlsTooEarly);
            return;
        }
        _dtls.HandleDatagram(datagram, now);
        Engine.Drops.CountUpTo(DropReason.DtlsMalformed, _dtls.MalformedDatagrams, ref _malformedDatagrams);
        Engine.Drops.CountUpTo(DropReason.DataNotTaken, _dtls.MessagesNotTaken, ref _messagesNotTaken);
        AfterHandshakeStep(now);
    }

    /// <param name="source">An address of this peer that passed a check.</param>
    /// <param name="datagram">Decrypted in place.</param>
    /// <param name="now">The current moment.</param>
    public void HandleRtp(in TransportAddress source, Span<byte> datagram, Instant now)
    {
        if (_receiver is null)
        {
            Drop(DropReason.MediaBeforeKeys);
            return;
        }
        _path.HandleReceived(source, datagram.Length);
        if (!_receiver.TryUnprotectRtp(datagram, out var length, out _, out var failure))
        {
            Drop(failure.ToDropReason());
            return;
        }
        HandleAuthentic(source, now);
        Engine.Counters.Received(length);
        if (RtpPacketView.TryParse(datagram[..length], out var packet, out _))
            HandlePacket(packet, datagram[..length], now);
        else
            Drop(DropReason.RtpMalformed);
    }

    /// <inheritdoc cref="HandleRtp"/>
    public void HandleRtcp(in TransportAddress source, Span<byte> datagram, Instant now)
    {
        if (_receiver is null)
        {
            Drop(DropReason.MediaBeforeKeys);
            return;
        }
        _path.HandleReceived(source, datagram.Length);
        if (!_receiver.TryUnprotectRtcp(datagram, out var length, out var failure))
        {
            Drop(failure.ToDropReason());
            return;
        }
        HandleAuthentic(source, now);
        HandleControl(datagram[..length], now);
    }

    public void HandleTimeout(Instant now)
    {
        if (_isClosed)
            return;
        if (now >= Ice.ConsentExpiresAt)
        {
            Close("ice-timeout", now);
            return;
        }
        if (now >= Ice.NextTimeout)
        {
            Ice.HandleTimeout(now);
            FollowSelected(now);
        }
        if (_dtls is not null && now >= _dtls.NextTimeout)
        {
            _dtls.HandleTimeout(now);
            AfterHandshakeStep(now);
        }
        if (IsConnected && now >= NextMediaTimeout)
            HandleMediaTimeout(now);
        if (IsConnected && Data is not null && now >= Data.NextTimeout)
        {
            Data.Channels.HandleTimeout(now);
            TakeDataEvents(now);
        }
        Engine.Deadlines.Schedule(this);
    }

    /// <summary>Ends the peer: it tells the client by close_notify, leaves every table and is never heard of again.</summary>
    public void Close(string reason, Instant now)
    {
        if (IsConnected)
            HandleClosing(now);
        Abort(reason, now);
    }

    /// <summary>The same without a goodbye of its streams, which would go over what may be broken.</summary>
    public void Abort(string reason, Instant now)
    {
        if (_isClosed)
            return;
        if (_dtls is { State: DtlsState.Connected })
        {
            _dtls.Close();
            SendHandshake();
        }
        _isClosed = true;
        EndHandshake();
        Engine.Deadlines.Remove(this);
        Engine.Peers.Remove(this);
        _dtls?.Dispose();
        _sender?.Dispose();
        _receiver?.Dispose();
        HandleClosed(reason, now);
    }

    /// <summary>Encrypts a forwarded packet straight into the outgoing batch.</summary>
    public bool TrySend(
        scoped in RtpPacketView packet, scoped in RtpHeaderRewrite rewrite, HeaderExtensionMap extensions, ulong index, in PacketEdit edit, out int length)
    {
        length = 0;
        var buffer = Engine.Batch.Reserve();
        if (!TryWriteHeader(buffer, packet, rewrite, extensions, packet.Payload.Length, out var header))
            return false;
        length = _sender!.ProtectRtp(buffer, header, edit.ChangesPayload ? Edited(packet, edit, buffer[header..]) : packet.Payload, index);
        Engine.Batch.Commit(length, _path.Remote);
        Engine.Counters.Forwarded(length);
        return true;
    }

    /// <summary>The same on a retransmission stream: the payload begins with the original sequence number (RFC 4588 section 4).</summary>
    public bool TrySendRetransmission(
        scoped in RtpPacketView packet,
        scoped in RtpHeaderRewrite rewrite,
        HeaderExtensionMap extensions,
        ushort originalSequenceNumber,
        ulong index,
        in PacketEdit edit,
        out int length)
    {
        length = 0;
        var buffer = Engine.Batch.Reserve();
        if (!TryWriteHeader(buffer, packet, rewrite, extensions, sizeof(ushort) + packet.Payload.Length, out var header))
            return false;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(buffer[header..], originalSequenceNumber);
        Edited(packet, edit, buffer[(header + sizeof(ushort))..]);
        length = _sender!.ProtectRtp(buffer, header, buffer.Slice(header, sizeof(ushort) + packet.Payload.Length), index);
        Engine.Batch.Commit(length, _path.Remote);
        Engine.Counters.Resent();
        return true;
    }

    /// <summary>Encrypts a packet of padding that was written to <see cref="TransmitBatch.Reserve"/>'s room and queues it.</summary>
    /// <param name="reserved">The whole room.</param>
    /// <param name="headerLength">Bytes of the header.</param>
    /// <param name="paddingLength">Bytes behind it.</param>
    /// <returns>Length of the datagram.</returns>
    public int SendPadding(Span<byte> reserved, int headerLength, int paddingLength, ulong index)
    {
        var length = _sender!.ProtectRtp(reserved, headerLength, reserved.Slice(headerLength, paddingLength), index);
        if (MaySend(length))
            Engine.Batch.Commit(length, _path.Remote);
        return length;
    }

    private static ReadOnlySpan<byte> Edited(scoped in RtpPacketView packet, in PacketEdit edit, Span<byte> destination)
    {
        var payload = destination[..packet.Payload.Length];
        packet.Payload.CopyTo(payload);
        edit.Apply(payload);
        return payload;
    }

    /// <summary>Sends what the data channels have to say.</summary>
    public void SendData(Instant now)
    {
        if (!IsConnected || Data is null)
            return;
        while (Data.TrySend(now))
            SendHandshake();
        Engine.Deadlines.Schedule(this);
    }

    /// <summary>Makes the association of a negotiated m=application; both sides begin it. There is one per DTLS association, which stays when it is negotiated again.</summary>
    protected void UseData(NegotiatedData? negotiated, Instant now)
    {
        if (negotiated is null || Data is not null)
            return;
        Data = new(_dtls!, _role, negotiated, Engine.Entropy);
        if (IsConnected)
            StartData(now);
    }

    /// <summary>The node's part in DTLS; null before the first description of the client.</summary>
    protected DtlsRole? Role => _dtls is null ? null : _role;

    /// <summary>
    /// Takes what the client's description says of its transport. One that names another certificate than that of the present DTLS association, or other roles, needs another
    /// association (RFC 8842 section 4). So does one of another session under other ICE credentials: that is another PeerConnection, which may have the same certificate. An ICE
    /// restart alone keeps the association.
    /// </summary>
    protected void TakeDescription(DtlsRole role, RemoteTransport remote, ulong sessionId, Instant now)
    {
        if (_dtls is not null && (role != _role || !remote.Fingerprints.Any(_fingerprints.Contains) || (sessionId != _sessionId && remote.IceUfrag != _remoteUfrag)))
            EndAssociation(remote.IceUfrag, now);
        (_role, _fingerprints, _sessionId, _remoteUfrag) = (role, remote.Fingerprints, sessionId, remote.IceUfrag);
    }

    /// <summary>Forgets the association with all that hangs on it: keys, data channels, every count of packets, and where its client was.</summary>
    /// <param name="remoteUfrag">The client's username fragment for the next one.</param>
    /// <param name="now">The current moment.</param>
    private void EndAssociation(string remoteUfrag, Instant now)
    {
        foreach (var address in Ice.BeginAnew(remoteUfrag, now))
            Engine.Peers.Unbind(address, this);
        if (Ice.TakeRetiredUfrag() is { } retired)
            Engine.Peers.RemoveUfrag(retired);
        _path = default;
        _path.Follow(Ice, isConnected: false);
        _dtls?.Dispose();
        _sender?.Dispose();
        _receiver?.Dispose();
        (_dtls, _sender, _receiver) = (null, null, null);
        EndHandshake();
        var channels = Data?.Channels.Channels ?? [];
        Data = null;
        HandleAssociationEnded(channels, now);
    }

    /// <summary>Begins the handshake, now that the client's description is known.</summary>
    protected void StartHandshake(Instant now)
    {
        _dtls = new(Engine.Dtls, _role, _fingerprints, now);
        if (_role == DtlsRole.Client)
            _dtls.Start(now);
        foreach (var datagram in _earlyHandshake)
            _dtls.HandleDatagram(datagram, now);
        _earlyHandshake.Clear();
        AfterHandshakeStep(now);
    }

    protected bool HandshakeStarted => _dtls is not null;

    /// <summary>Encrypts an RTCP compound that was written to <see cref="TransmitBatch.Reserve"/>'s room and queues it.</summary>
    protected void SendControl(Span<byte> reserved, int length)
    {
        if (MaySend(length + _sender!.RtcpOverhead))
            Engine.Batch.Commit(_sender.ProtectRtcp(reserved, length), _path.Remote);
    }

    protected abstract void HandlePacket(in RtpPacketView packet, Span<byte> bytes, Instant now);

    protected abstract void HandleControl(ReadOnlySpan<byte> compound, Instant now);

    protected abstract void HandleMediaTimeout(Instant now);

    protected abstract void HandleData(in DataChannelEvent dataEvent, Instant now);

    protected abstract void HandleConnected(Instant now);

    /// <summary>Another association takes the place of the one that was, which may not even have come up; what it carried is another client's, for all that is known.</summary>
    /// <param name="channels">The data channels that ended with it.</param>
    /// <param name="now">The current moment.</param>
    protected abstract void HandleAssociationEnded(IReadOnlyCollection<DataChannel> channels, Instant now);

    /// <summary>The packets of an SSRC are read, or will be when they come.</summary>
    protected virtual bool IsInUse(uint ssrc) => false;

    /// <summary>What is sent goes to another address from now on.</summary>
    protected virtual void HandlePathChanged(Instant now)
    {
    }

    /// <summary>The last moment in which something can be sent.</summary>
    protected virtual void HandleClosing(Instant now)
    {
    }

    protected abstract void HandleClosed(string reason, Instant now);

    /// <summary>Where the client's own packets come from is where it is: it may have moved without a word, as through a NAT that forgot it.</summary>
    private void HandleAuthentic(in TransportAddress source, Instant now)
    {
        if (source == _path.Remote)
        {
            Ice.HandleHeard(now);
            return;
        }
        if (!_receiver!.WasNewest)
            return;
        Ice.Follow(source, now);
        FollowSelected(now);
        Engine.Deadlines.Schedule(this);
    }

    /// <summary>What comes from the address is this peer's from now on; whoever had it is there no more.</summary>
    private void TakeAddress(in TransportAddress address, Instant now)
    {
        var former = Engine.Peers.ByAddress(address);
        if (former == this || !Ice.Knows(address))
            return;
        Engine.Peers.Bind(address, this);
        former?.HandleAddressLost(address, now);
    }

    private void HandleAddressLost(in TransportAddress address, Instant now)
    {
        Ice.Forget(address, now);
        FollowSelected(now);
        Engine.Deadlines.Schedule(this);
    }

    /// <summary>Sends to where ICE says, and what ICE wants to have sent.</summary>
    private void FollowSelected(Instant now)
    {
        if (_path.Follow(Ice, IsConnected) && IsConnected)
            HandlePathChanged(now);
        while (Ice.TryWriteCheck(Engine.Batch.Reserve(), now, out var length, out var destination))
            Engine.Batch.Commit(length, destination);
    }

    /// <summary>False for what might go to somebody who does not want it.</summary>
    private bool MaySend(int bytes)
    {
        if (_path.TrySpend(bytes))
            return true;
        Drop(DropReason.PathUnproven);
        return false;
    }

    /// <summary>How long the header gets is known only when it is written; then what follows must fit behind it.</summary>
    private bool TryWriteHeader(
        Span<byte> buffer, scoped in RtpPacketView packet, scoped in RtpHeaderRewrite rewrite, HeaderExtensionMap extensions, int payloadLength, out int header)
    {
        header = 0;
        if (packet.HeaderLength + RtpHeaderWriter.MaximumGrowth <= TransmitBatch.MaximumDatagram)
        {
            header = RtpHeaderWriter.Write(buffer, packet, rewrite, extensions);
            var length = header + payloadLength + _sender!.RtpOverhead;
            if (length <= TransmitBatch.MaximumDatagram)
                return MaySend(length);
        }
        Drop(DropReason.TooLarge);
        return false;
    }

    private void AfterHandshakeStep(Instant now)
    {
        SendHandshake();
        switch (_dtls!.State)
        {
            case DtlsState.Connected when _sender is null:
                (_receiver, _sender) = _dtls.CreateSrtp();
                _receiver.IsInUse = IsInUse;
                EndHandshake();
                Ice.HandleConnected(_path.CarriedTheHandshake, now);
                _path.HandleConnected(Ice);
                FollowSelected(now);
                HandleConnected(now);
                WasConnected = true;
                StartData(now);
                break;
            case DtlsState.Failed:
                Close(_dtls.Failure.ToCloseReason(), now);
                return;
            case DtlsState.Closed:
                Close("closed", now);
                return;
        }
        ReceiveData(now);
        Engine.Deadlines.Schedule(this);
    }

    private void EndHandshake()
    {
        if (_handshakeOrigin is { } origin)
            Engine.Handshakes.End(origin);
        _handshakeOrigin = null;
    }

    private void StartData(Instant now)
    {
        Data?.Channels.Start(now);
        SendData(now);
    }

    /// <summary>Takes in what came beside the handshake.</summary>
    private void ReceiveData(Instant now)
    {
        if (!IsConnected)
            return;
        if (Data is null)
        {
            if (_dtls!.DiscardApplicationData() > 0)
                Drop(DropReason.DataUnexpected);
            return;
        }
        Data.Receive(Engine.Drops, now);
        TakeDataEvents(now);
    }

    private void TakeDataEvents(Instant now)
    {
        while (Data!.Channels.TryTakeEvent(out var dataEvent))
            HandleData(dataEvent, now);
        SendData(now);
    }

    /// <summary>Handshake datagrams wait inside the transport until a check has shown where to send them.</summary>
    private void SendHandshake()
    {
        if (_dtls is null || Ice.Selected is null)
            return;
        while (_dtls.TryTakeTransmit(Engine.Batch.Reserve(), out var length))
        {
            if (!IsConnected)
                _path.HandleHandshakeSent();
            if (MaySend(length))
                Engine.Batch.Commit(length, _path.Remote);
        }
    }
}
