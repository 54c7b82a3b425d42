using MediaNode.Core.Dtls;
using MediaNode.Core.Net;
using MediaNode.Core.Sdp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <content>The DTLS association: the handshake, the keys that come of it, and the data channels that live in it.</content>
internal abstract partial class Peer
{
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

    /// <summary>Sends what the data channels have to say.</summary>
    public void SendData(Instant now)
    {
        if (!IsConnected || Data is null)
            return;
        while (Data.TrySend(now))
            SendHandshake();
        Engine.Deadlines.Schedule(this);
    }

    protected bool HandshakeStarted => _dtls is not null;

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

    /// <summary>Makes the association of a negotiated m=application; both sides begin it. There is one per DTLS association, which stays when it is negotiated again.</summary>
    protected void UseData(NegotiatedData? negotiated, Instant now)
    {
        if (negotiated is null || Data is not null)
            return;
        Data = new(_dtls!, _role, negotiated, Engine.Entropy);
        if (IsConnected)
            StartData(now);
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
