using MediaNode.Core.Forwarding.Layers;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <content>What the subscriber missed, and asks for again.</content>
internal sealed partial class DownTrack
{
    /// <summary>Sends a packet again that the subscriber misses: on the RTX stream (RFC 4588) if there is one.</summary>
    public void Resend(ushort sequenceNumber, Instant now)
    {
        if (_sent is null)
            return;
        if (!_sent.TryTakeForResend(sequenceNumber, _splicer.HighestOutgoing, now.Milliseconds, out var entry, out var tooOften))
        {
            _subscriber.Drop(tooOften ? DropReason.NackTooOften : DropReason.NackNotInHistory);
            return;
        }
        if (!TryRestore(entry, out var packet))
        {
            _subscriber.Drop(DropReason.NackNotInHistory);
            return;
        }
        if (!IsRepeatable(entry))
        {
            _subscriber.Drop(DropReason.NackNotInHistory);
            return;
        }
        if (!_resends.TryTake(packet.Packet.Length))
        {
            _subscriber.Drop(DropReason.NackTooOften);
            return;
        }
        if (Source.Kind == MediaKind.Audio || (WaitingRepairs == 0 && _subscriber.Downlink.MayRepair(now)))
            SendAgain(entry, packet, now);
        else
            WaitForRepair(entry.Outgoing, packet.Packet.Length);
    }

    private int WaitingRepairs => _backlog?.Repairs ?? 0;

    /// <summary>What was lost on a full path is not sent there again all at once.</summary>
    private void WaitForRepair(ulong outgoing, int bytes)
    {
        _backlog ??= new();
        if (!_backlog.TryAddRepair(outgoing, bytes))
        {
            _subscriber.Drop(DropReason.NackTooOften);
            return;
        }
        _sent!.Find(outgoing).IsToBeRepaired = true;
        _subscriber.Downlink.HandleWaiting(bytes);
    }

    private void SendNextRepair(Instant now)
    {
        var (outgoing, bytes) = _backlog!.TakeRepair();
        _subscriber.Downlink.HandleWaited(bytes);
        ref var entry = ref _sent!.Find(outgoing);
        if (entry.Outgoing != outgoing || !entry.IsToBeRepaired)
            return;
        (entry.IsToBeRepaired, entry.SentMilliseconds) = (false, (uint)now.Milliseconds);
        if (_subscriber.IsConnected && IsRepeatable(entry) && TryRestore(entry, out var packet))
            SendAgain(entry, packet, now);
    }

    /// <summary>On its own stream any packet can be sent again; under its own number only one that would be the same to the byte.</summary>
    private bool IsRepeatable(in SentPackets.Entry entry) => Parameters is { RtxPayloadType: not null, RtxSsrc: not null } || entry.Outgoing >= _repeatableFrom;

    private void SendAgain(in SentPackets.Entry entry, scoped in RtpPacketView packet, Instant now)
    {
        var place = new Placement(entry.Outgoing, entry.TimestampOffset, entry.Edit, entry.Form);
        if (Parameters is { RtxPayloadType: { } rtxPayloadType, RtxSsrc: { } rtxSsrc })
        {
            var stamp = _subscriber.Downlink.Stamp(Parameters, now);
            var rewrite = Rewrite(packet, rtxPayloadType, rtxSsrc, ++_rtxSequence, place, stamp, !_isSourceKnown);
            if (!_subscriber.TrySendRetransmission(Shape(packet, place.Form), rewrite, Parameters.Extensions, (ushort)entry.Outgoing, _rtxSequence, place.Edit, out var length))
                return;
            _subscriber.Downlink.HandleSent(Parameters, length, now);
        }
        else
        {
            // The same index is encrypted again, so every byte must be what it was: all of it depends on the entry alone.
            var rewrite = Rewrite(packet, PayloadTypeOf(place.Form), Parameters.Ssrc, place.Outgoing, place, entry.Stamp, entry.NamesMid);
            if (!_subscriber.TrySend(Shape(packet, place.Form), rewrite, Parameters.Extensions, place.Outgoing, place.Edit, out _))
                return;
        }
        PacketsResent++;
    }

    private bool TryRestore(in SentPackets.Entry entry, out RtpPacketView packet)
    {
        packet = default;
        return Source.Encodings[entry.Encoding].History is { } history && history.TryGet(entry.Incoming, out var stored) && RtpPacketView.TryParse(stored, out packet, out _);
    }
}
