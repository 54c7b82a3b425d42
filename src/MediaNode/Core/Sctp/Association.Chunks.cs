using System.Buffers.Binary;
using MediaNode.Core.Time;

namespace MediaNode.Core.Sctp;

/// <content>What comes: chunk by chunk, of a packet whose tag is right.</content>
internal sealed partial class Association
{
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

    /// <summary>RFC 9260 section 3.2: the high bits of an unknown type say whether to stop, and whether to report.</summary>
    private bool TrySkip(ChunkView chunk)
    {
        if (((byte)chunk.Type & 0x40) != 0 && _peer.Tag != 0)
            _control.Add(PlainChunks.WriteCause(ChunkType.Error, ErrorCause.UnrecognizedChunk, chunk.Bytes[..Math.Min(chunk.Bytes.Length, SctpLimits.HeartbeatBytes)]), _peer.Tag);
        return ((byte)chunk.Type & 0x80) != 0;
    }

    private void DeliverMessages()
    {
        while (_receiver is not null && _receiver.TryTake(out var message))
            _events.Enqueue(new(AssociationEventKind.Message, message.StreamId, message));
    }
}
