using System.Buffers.Binary;
using MediaNode.Core.Forwarding.Layers;
using MediaNode.Core.Net;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <content>Packets in and out: decrypted and told what they are, written and encrypted straight into the outgoing batch.</content>
internal abstract partial class Peer
{
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
        BinaryPrimitives.WriteUInt16BigEndian(buffer[header..], originalSequenceNumber);
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

    /// <summary>Encrypts an RTCP compound that was written to <see cref="TransmitBatch.Reserve"/>'s room and queues it.</summary>
    protected void SendControl(Span<byte> reserved, int length)
    {
        if (MaySend(length + _sender!.RtcpOverhead))
            Engine.Batch.Commit(_sender.ProtectRtcp(reserved, length), _path.Remote);
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

    private static ReadOnlySpan<byte> Edited(scoped in RtpPacketView packet, in PacketEdit edit, Span<byte> destination)
    {
        var payload = destination[..packet.Payload.Length];
        packet.Payload.CopyTo(payload);
        edit.Apply(payload);
        return payload;
    }
}
