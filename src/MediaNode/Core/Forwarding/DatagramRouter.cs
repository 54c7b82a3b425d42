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
                peer.HandleRtp(datagram, now);
                break;
            case PacketKind.Rtcp:
                peer.HandleRtcp(datagram, now);
                break;
            case PacketKind.Dtls:
                peer.HandleDtls(datagram, now);
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
        // Indications keep NAT bindings alive and ask for nothing; a lite agent sends no requests, so no response is expected either.
        if (message.Method != StunMethod.Binding || message.Class != StunClass.Request)
        {
            if (message.Class != StunClass.Indication)
                engine.Drops.Count(DropReason.StunUnexpected);
            return;
        }
        if (engine.Peers.ByUsername(message.Username) is { } peer)
            peer.HandleCheck(message, source, now);
        else
            engine.Drops.Count(DropReason.StunUnknownUser);
    }
}
