using MediaNode.Core.Forwarding.Layers;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <content>Video that waits until the path has room for it.</content>
internal sealed partial class DownTrack
{
    /// <summary>Packets that wait for their turn, for the first time or once more.</summary>
    public int WaitingPackets => _backlog is null ? 0 : _backlog.Packets + _backlog.Repairs;

    public int WaitingBytes => _backlog is null ? 0 : _backlog.Bytes + _backlog.RepairBytes;

    /// <summary>A key frame waits, or what came after it.</summary>
    public bool IsCatchingUp => _backlog is { IsCatchingUp: true };

    /// <summary>Its picture has not got through, again and again: another key frame is not worth asking for yet.</summary>
    public bool IsHeldOff(Instant now) => !_restart.Allows(now);

    /// <returns>False when it need not wait after all.</returns>
    private bool TryWait(Encoding encoding, scoped in RtpPacketView packet, in PacketLayer layer, in Placement place, ulong sequence, Instant now)
    {
        _backlog ??= new();
        var picture = new PictureId(encoding.Index, packet.Timestamp.Value);
        if (layer.StartsKeyFrame && _subscriber.Downlink.IsLimited)
            DropSuperseded(picture);
        if (_backlog.IsOverdue(encoding.History!, _subscriber.Downlink.TimeFor(_backlog.Bytes), now))
        {
            if (_subscriber.Downlink.TrySendAllWaiting(now))
                return false;
            _reception.HandleNeverSent();
            BeginAgain(now);
            return true;
        }
        _sent!.AddWaiting(encoding.Index, sequence, place, now.Milliseconds);
        _backlog.Add(new(place.Outgoing, packet.Packet.Length, picture, encoding.IsOfKeyFrame(packet.Timestamp.Value), now));
        _subscriber.Downlink.HandleWaiting(packet.Packet.Length);
        _splicer.Selector.IsBehind = _backlog.IsCatchingUp;
        return true;
    }

    /// <summary>A packet that had to wait has its turn.</summary>
    public void SendNextWaiting(Instant now)
    {
        if (WaitingRepairs > 0)
        {
            SendNextRepair(now);
            return;
        }
        if (!_backlog!.TryTake(_left, now, out var waiting))
            return;
        _subscriber.Downlink.HandleWaited(waiting.Bytes);
        _splicer.Selector.IsBehind = _backlog.IsCatchingUp;
        _left = waiting.Picture;
        SendWaiting(waiting.Outgoing, now);
    }

    private void SendWaiting(ulong outgoing, Instant now)
    {
        ref var entry = ref _sent!.Find(outgoing);
        if (entry.Outgoing != outgoing || !entry.IsWaiting || !_subscriber.IsConnected)
            return;
        if (!TryRestore(entry, out var packet))
        {
            ForgetWaiting(outgoing);
            BeginAgain(now);
            return;
        }
        var stamp = _subscriber.Downlink.Stamp(Parameters, now);
        // From here on it may be asked for again.
        (entry.IsWaiting, entry.Stamp, entry.NamesMid) = (false, stamp, !_isSourceKnown);
        TrySend(packet, new(entry.Outgoing, entry.TimestampOffset, entry.Edit, entry.Form), stamp, entry.NamesMid, now, out _);
    }

    /// <summary>A packet that had to wait will never have its turn.</summary>
    private void ForgetWaiting(ulong outgoing)
    {
        ref var entry = ref _sent!.Find(outgoing);
        if (entry.Outgoing != outgoing || !entry.IsWaiting)
            return;
        entry = default;
        _reception.HandleNeverSent();
    }

    private void DropWaiting()
    {
        while (_backlog is not null && _backlog.TryDrop(out var packet))
            Drop(packet);
        _splicer.Selector.IsBehind = false;
    }

    private void DropSuperseded(PictureId newer)
    {
        var isSmaller = Source.Encodings[_left.Encoding].Rank > Source.Encodings[newer.Encoding].Rank;
        var unseen = _backlog!.Packets;
        while (_backlog.TryDropSuperseded(ref unseen, newer, isSmaller ? null : _left, out var packet))
            Drop(packet);
    }

    private void Drop(in WaitingPacket packet)
    {
        _subscriber.Downlink.HandleWaited(packet.Bytes);
        _subscriber.Drop(DropReason.PacerOverflow);
        ForgetWaiting(packet.Outgoing);
    }

    /// <summary>Video stops until the next key frame, which is asked for when the subscriber's bandwidth is shared out next, or later.</summary>
    private void BeginAgain(Instant now)
    {
        _subscriber.Drop(DropReason.PacerOverflow);
        _restart.HandleFailure(now);
        Allow(null, now);
    }
}
