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
    private SrtpSender? _sender;
    private SrtpReceiver? _receiver;
    private TransportAddress _remote;
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
    public bool WasConnected => _sender is not null;

    public SrtpProfile Profile => _dtls?.Profile ?? SrtpProfile.None;

    public Instant Deadline
    {
        get
        {
            if (_isClosed)
                return Instant.Never;
            var next = Instant.Min(Ice.ConsentExpiresAt, _dtls?.NextTimeout ?? Instant.Never);
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
        var outcome = Ice.HandleCheck(request, source, now, response, out var length, out var dropReason);
        if (outcome == IceCheckOutcome.Dropped)
        {
            Drop(dropReason);
            return;
        }
        Engine.Batch.Commit(length, source);
        if (outcome == IceCheckOutcome.Refused)
            return;
        if (Ice.TakeEvicted() is { } evicted)
            Engine.Peers.Unbind(evicted, this);
        if (Ice.TakeRetiredUfrag() is { } retired)
            Engine.Peers.RemoveUfrag(retired);
        Engine.Peers.Bind(source, this);
        var isOtherPath = IsConnected && _remote != Ice.Selected!.Value;
        _remote = Ice.Selected!.Value;
        if (isOtherPath)
            HandlePathChanged(now);
        SendHandshake();
        Engine.Deadlines.Schedule(this);
    }

    /// <summary>The connection behind an address has ended, so nothing can be sent there any more.</summary>
    public void HandleConnectionLost(in TransportAddress address)
    {
        Engine.Peers.Unbind(address, this);
        Ice.Forget(address);
        // With no address left, what is sent is lost until a check comes from another one, or consent runs out.
        if (Ice.Selected is { } other)
            _remote = other;
    }

    /// <summary>New ICE credentials, to be told to the client; the former ones work until it has nominated with the new.</summary>
    public void RestartIce()
    {
        Ice.Restart(Engine.Entropy);
        if (Ice.TakeRetiredUfrag() is { } retired)
            Engine.Peers.RemoveUfrag(retired);
        Engine.Peers.AddUfrag(Ice.LocalUfrag, this);
    }

    public void HandleDtls(ReadOnlySpan<byte> datagram, Instant now)
    {
        if (_dtls is null)
        {
            if (_earlyHandshake.Count < MaximumEarlyHandshakeDatagrams && datagram.Length <= TransmitBatch.MaximumDatagram)
                _earlyHandshake.Add(datagram.ToArray());
            return;
        }
        _dtls.HandleDatagram(datagram, now);
        AfterHandshakeStep(now);
    }

    public void HandleRtp(Span<byte> datagram, Instant now)
    {
        if (_receiver is null)
        {
            Drop(DropReason.MediaBeforeKeys);
            return;
        }
        if (!_receiver.TryUnprotectRtp(datagram, out var length, out _, out var failure))
        {
            Drop(Reason(failure));
            return;
        }
        Engine.Counters.Received(length);
        if (RtpPacketView.TryParse(datagram[..length], out var packet, out _))
            HandlePacket(packet, datagram[..length], now);
        else
            Drop(DropReason.RtpMalformed);
    }

    public void HandleRtcp(Span<byte> datagram, Instant now)
    {
        if (_receiver is null)
        {
            Drop(DropReason.MediaBeforeKeys);
            return;
        }
        if (_receiver.TryUnprotectRtcp(datagram, out var length, out var failure))
            HandleControl(datagram[..length], now);
        else
            Drop(Reason(failure));
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
        if (_isClosed)
            return;
        if (_dtls is { State: DtlsState.Connected })
        {
            _dtls.Close();
            SendHandshake();
        }
        _isClosed = true;
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
        if (!Fits(packet, 0))
            return false;
        var buffer = Engine.Batch.Reserve();
        var header = RtpHeaderWriter.Write(buffer, packet, rewrite, extensions);
        length = _sender!.ProtectRtp(buffer, header, edit.ChangesPayload ? Edited(packet, edit, buffer[header..]) : packet.Payload, index);
        Engine.Batch.Commit(length, _remote);
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
        if (!Fits(packet, sizeof(ushort)))
            return false;
        var buffer = Engine.Batch.Reserve();
        var header = RtpHeaderWriter.Write(buffer, packet, rewrite, extensions);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(buffer[header..], originalSequenceNumber);
        Edited(packet, edit, buffer[(header + sizeof(ushort))..]);
        length = _sender!.ProtectRtp(buffer, header, buffer.Slice(header, sizeof(ushort) + packet.Payload.Length), index);
        Engine.Batch.Commit(length, _remote);
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
        Engine.Batch.Commit(length, _remote);
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

    /// <summary>Makes the association of a negotiated m=application; both sides begin it. There is one per peer, which stays when it is negotiated again.</summary>
    protected void UseData(NegotiatedData? negotiated, Instant now)
    {
        if (negotiated is null || Data is not null)
            return;
        Data = new(_dtls!, _role, negotiated, Engine.Entropy);
        if (IsConnected)
            StartData(now);
    }

    /// <summary>Begins the handshake, now that the client's description is known.</summary>
    protected void StartHandshake(DtlsRole role, IReadOnlyList<DtlsFingerprint> expected, Instant now)
    {
        _role = role;
        _dtls = new(Engine.Dtls, role, expected, now);
        if (role == DtlsRole.Client)
            _dtls.Start(now);
        foreach (var datagram in _earlyHandshake)
            _dtls.HandleDatagram(datagram, now);
        _earlyHandshake.Clear();
        AfterHandshakeStep(now);
    }

    protected bool HandshakeStarted => _dtls is not null;

    /// <summary>Encrypts an RTCP compound that was written to <see cref="TransmitBatch.Reserve"/>'s room and queues it.</summary>
    protected void SendControl(Span<byte> reserved, int length) =>
        Engine.Batch.Commit(_sender!.ProtectRtcp(reserved, length), _remote);

    protected abstract void HandlePacket(in RtpPacketView packet, Span<byte> bytes, Instant now);

    protected abstract void HandleControl(ReadOnlySpan<byte> compound, Instant now);

    protected abstract void HandleMediaTimeout(Instant now);

    protected abstract void HandleData(in DataChannelEvent dataEvent, Instant now);

    protected abstract void HandleConnected(Instant now);

    /// <summary>What is sent goes to another address from now on.</summary>
    protected virtual void HandlePathChanged(Instant now)
    {
    }

    protected abstract void HandleClosed(string reason, Instant now);

    private static bool FitsDatagram(int length) => length <= TransmitBatch.MaximumDatagram;

    private static DropReason Reason(SrtpFailure failure) => failure switch
    {
        SrtpFailure.AuthenticationFailed => DropReason.SrtpAuthentication,
        SrtpFailure.Replayed or SrtpFailure.TooOld => DropReason.SrtpReplay,
        SrtpFailure.TooManySources => DropReason.SrtpTooManySources,
        _ => DropReason.SrtpMalformed,
    };

    private bool Fits(scoped in RtpPacketView packet, int extra)
    {
        if (FitsDatagram(packet.HeaderLength + RtpHeaderWriter.MaximumGrowth + packet.Payload.Length + extra + _sender!.RtpOverhead))
            return true;
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
                HandleConnected(now);
                StartData(now);
                break;
            case DtlsState.Failed:
                Close(ReasonText(_dtls.Failure), now);
                return;
            case DtlsState.Closed:
                Close("closed", now);
                return;
        }
        ReceiveData(now);
        Engine.Deadlines.Schedule(this);
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

    private static string ReasonText(DtlsFailure failure) => failure switch
    {
        DtlsFailure.FingerprintMismatch => "fingerprint",
        DtlsFailure.WeakCertificate => "weak-certificate",
        DtlsFailure.Timeout => "dtls-timeout",
        DtlsFailure.Alert => "dtls-alert",
        _ => "dtls-error",
    };

    /// <summary>Handshake datagrams wait inside the transport until a check has shown where to send them.</summary>
    private void SendHandshake()
    {
        if (_dtls is null || Ice.Selected is null)
            return;
        while (_dtls.TryTakeTransmit(Engine.Batch.Reserve(), out var length))
            Engine.Batch.Commit(length, _remote);
    }
}
