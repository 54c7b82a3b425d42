using System.Buffers.Binary;
using MediaNode.Core.Time;

namespace MediaNode.Core.Sctp;

/// <content>From one state to the next (RFC 9260 sections 4, 5 and 9): what is sent for it, and again until the peer answers.</content>
internal sealed partial class Association
{
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
}
