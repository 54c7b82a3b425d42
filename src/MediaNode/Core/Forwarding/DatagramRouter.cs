using MediaNode.Core.Net;
using MediaNode.Core.Stun;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>Takes each datagram to its peer. What is not a check must come from an address that passed one.</summary>
internal sealed class DatagramRouter(EngineContext engine)
{
    public void Handle(in TransportAddress source, Span<byte> datagram, Instant now)
    {
        var kind = DatagramDemux.Classify(datagram);
        if (kind == PacketKind.Stun)
        {
            HandleStun(source, datagram, now);
            return;
        }
        if (kind == PacketKind.Unknown)
        {
            engine.Drops.Count(DropReason.UnknownDatagram);
            return;
        }
        if (engine.Peers.ByAddress(source) is not { } peer)
        {
            engine.Drops.Count(kind == PacketKind.Dtls ? DropReason.DtlsBeforeCheck : DropReason.UnknownAddress);
            return;
        }
        switch (kind)
        {
            case PacketKind.Rtp:
                peer.HandleRtp(source, datagram, now);
                break;
            case PacketKind.Rtcp:
                peer.HandleRtcp(source, datagram, now);
                break;
            case PacketKind.Dtls:
                NoteHandshake(peer, now);
                peer.HandleDtls(source, datagram, now);
                break;
        }
    }

    private void HandleStun(in TransportAddress source, ReadOnlySpan<byte> datagram, Instant now)
    {
        if (!StunMessageView.TryParse(datagram, out var message, out _))
        {
            engine.Drops.Count(DropReason.StunMalformed);
            return;
        }
        // Indications keep NAT bindings alive and ask for nothing.
        if (message.Method != StunMethod.Binding || message.Class != StunClass.Request)
        {
            if (message.Class != StunClass.Indication && !HandleAnswer(message, source, now))
                engine.Drops.Count(DropReason.StunUnexpected);
            return;
        }
        if (engine.Peers.ByUsername(message.Username) is not { } peer)
        {
            engine.Drops.Count(DropReason.StunUnknownUser);
            return;
        }
        NoteHandshake(peer, now);
        peer.HandleCheck(message, source, now);
    }

    private void NoteHandshake(Peer peer, Instant now)
    {
        if (!peer.IsConnected)
            engine.LastHandshakeStep = now;
    }

    private bool HandleAnswer(in StunMessageView message, in TransportAddress source, Instant now) =>
        message.Method == StunMethod.Binding && message.Class is StunClass.SuccessResponse or StunClass.ErrorResponse
        && ((engine.Peers.ByAddress(source) is { } owner && owner.HandleAnswer(message, source, now))
            || (engine.Peers.ClaimantOf(source) is { } claimant && claimant.HandleAnswer(message, source, now)));
}
