using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding.Layers;

/// <summary>
/// Makes one stream without breaks out of what one subscriber gets of a track: parts of encodings, one after another. Decides for each packet whether it goes
/// out, and under which sequence number, timestamp and picture id.
/// </summary>
internal sealed class StreamSplicer(PublishedTrack track, ulong firstOutgoing)
{
    /// <summary>15 bits of picture id, or 16 of frame number.</summary>
    private readonly ushort _idMask = track.Codec == Codec.Av1 ? ushort.MaxValue : (ushort)0x7FFF;
    private readonly SequenceMap _numbers = new(firstOutgoing);
    private readonly PictureLog _pictures = new();
    private Encoding? _current;
    private int _generation;
    private Encoding? _left;
    private ulong _leftHighest;
    private bool _isUnlogged;
    private bool _wasLeftOut;
    private uint _newestKey;
    private uint _lastTimestamp;
    private Instant _lastAt;
    private ushort _idOffset;
    private ushort _lastId;
    private byte _tl0Offset;
    private byte _lastTl0;

    public LayerSelector Selector { get; } = new() { ChoosesSpatial = !track.Layers.IsSimulcast };

    /// <summary>The encoding that goes out, or that went out last; null before the first packet.</summary>
    public Encoding? Current => _current;

    /// <summary>Packets of the encoding follow those that went out of it: the same source sends them.</summary>
    public bool GoesOnWith(Encoding encoding) => encoding == _current && encoding.Generation == _generation;

    /// <summary>The subscriber's timestamps are those of the current encoding plus this.</summary>
    public uint TimestampOffset { get; private set; }

    /// <summary>Highest sequence number given to a packet.</summary>
    public ulong HighestOutgoing => _numbers.HighestOutgoing;

    /// <summary>Nothing of the payload has to be changed or left out, so that packets need no thought.</summary>
    private bool IsTransparent => (_idOffset | _tl0Offset) == 0 && Selector.TakesEverything && !track.Layers.IsSimulcast;

    /// <summary>Goes on with the packet of another encoding, or with one of the same after a pause: of video the first of a key frame.</summary>
    public void Begin(Encoding encoding, uint timestamp, in PacketLayer layer, ulong sequence, Instant now)
    {
        if (_current is not null)
        {
            TimestampOffset = NextTimestamp(encoding, timestamp, now) - timestamp;
            _idOffset = layer.Is(PacketMarks.HasPictureId) ? (ushort)((_lastId + 1 - layer.PictureId) & _idMask) : (ushort)0;
            _tl0Offset = layer.Is(PacketMarks.HasTl0) ? (byte)(_lastTl0 + 1 - layer.Tl0) : (byte)0;
        }
        (_left, _leftHighest) = (_current, _numbers.HighestIncoming);
        (_current, _generation) = (encoding, encoding.Generation);
        _isUnlogged = false;
        _numbers.Begin(encoding.Index, sequence);
        AddPicture(encoding, layer.PictureKey(timestamp), Selector.Take(layer, encoding.Dependencies));
    }

    /// <summary>Finds the place of a packet of the current encoding, or of a late one of the encoding before.</summary>
    /// <returns>False when it is left out.</returns>
    public bool TryPlace(Encoding encoding, scoped in RtpPacketView packet, in PacketLayer layer, ulong sequence, Instant now, out Placement placement)
    {
        placement = default;
        if (encoding != _current)
            return encoding == _left && sequence <= _leftHighest && TryPlaceLate(encoding, packet, layer, sequence, out placement);
        if (!IsTransparent || packet.Payload.IsEmpty || layer.Is(PacketMarks.IsUnreadable))
            return TryPlaceAmongLayers(encoding, packet, layer, sequence, now, out placement);
        _isUnlogged = true;
        if (!_numbers.TryForward(sequence, out var outgoing))
            return false;
        placement = new(outgoing, TimestampOffset, default, SentForm.AsReceived);
        Note(packet, layer, default, outgoing, now);
        return true;
    }

    private bool TryPlaceAmongLayers(Encoding encoding, scoped in RtpPacketView packet, in PacketLayer layer, ulong sequence, Instant now, out Placement placement)
    {
        if (_isUnlogged)
        {
            AddPicture(encoding, _newestKey, isForwarded: true);
            Selector.DecodeTargets.Seed((ushort)(_newestKey >> 16));
            _isUnlogged = false;
        }
        if (sequence <= _numbers.HighestIncoming)
            return TryPlaceLate(encoding, packet, layer, sequence, out placement);
        var key = layer.PictureKey(packet.Timestamp.Value);
        var isUseless = packet.Payload.IsEmpty || layer.Is(PacketMarks.IsUnreadable);
        ref readonly var picture = ref isUseless ? ref _pictures.Newest : ref PictureOf(encoding, key, layer);
        if (isUseless || !picture.Takes(layer.Spatial))
        {
            // What is missing between two packets of a picture that are both left out would have been left out too.
            _numbers.Skip(sequence, withGap: _wasLeftOut && !isUseless && key == _newestKey);
            _wasLeftOut = !isUseless;
            if (!isUseless)
            {
                _newestKey = key;
                NoteLeftOut(layer, picture);
            }
            placement = default;
            return false;
        }
        _wasLeftOut = false;
        _numbers.TryForward(sequence, out var outgoing);
        var edit = Edit(layer, picture);
        placement = new(outgoing, picture.TimestampOffset, edit, FormOf(packet, layer, picture));
        Note(packet, layer, edit, outgoing, now);
        return true;
    }

    /// <summary>A packet whose number was left free for it. If it turns out to be of no use, an empty one takes its place: a gap would be asked for.</summary>
    private bool TryPlaceLate(Encoding encoding, scoped in RtpPacketView packet, in PacketLayer layer, ulong sequence, out Placement placement)
    {
        placement = default;
        if (!_numbers.TryForwardLate(encoding.Index, sequence, out var outgoing))
            return false;
        if (!packet.Payload.IsEmpty && TryFindPicture(encoding, layer.PictureKey(packet.Timestamp.Value), layer, out var picture) && picture.Takes(layer.Spatial))
            placement = new(outgoing, picture.TimestampOffset, Edit(layer, picture), FormOf(packet, layer, picture));
        else
            placement = new(outgoing, TimestampOffset, default, SentForm.Empty);
        return true;
    }

    /// <summary>The picture that a packet newer than all before belongs to: mostly the newest one, or one that begins.</summary>
    private ref Picture PictureOf(Encoding encoding, uint key, in PacketLayer layer)
    {
        ref var newest = ref _pictures.Newest;
        if ((int)(key - newest.Key) <= 0)
        {
            if (layer.Spatial > newest.SpatialLimit && Selector.TryRaiseSpatial(layer))
                newest.SpatialLimit = Selector.SpatialLimit;
            return ref newest;
        }
        var isForwarded = Selector.Take(layer, encoding.Dependencies);
        ref var added = ref AddPicture(encoding, key, isForwarded);
        // VP8's receivers wait for a picture whose id is skipped; VP9's and AV1's references count in ids, which therefore stay as they are.
        if (!isForwarded && track.Codec == Codec.Vp8 && layer.Is(PacketMarks.HasPictureId))
            _idOffset = (ushort)((_idOffset - 1) & _idMask);
        return ref added;
    }

    private bool TryFindPicture(Encoding encoding, uint key, in PacketLayer layer, out Picture picture)
    {
        if (_pictures.TryFind(encoding.Index, key, out picture))
            return true;
        if (!_pictures.TryFindNeighbours(encoding.Index, key, out var before, out var after))
            return false;
        picture = before;
        if (!before.IsForwarded && track.Codec == Codec.Vp8)
            picture.IdOffset = (ushort)((before.IdOffset - 1) & _idMask);
        picture.IsForwarded = layer.Temporal <= Math.Min(before.TemporalLimit, after.TemporalLimit);
        picture.SpatialLimit = Math.Min(before.SpatialLimit, after.SpatialLimit);
        return true;
    }

    private ref Picture AddPicture(Encoding encoding, uint key, bool isForwarded) => ref _pictures.Add(new()
    {
        Key = key,
        TimestampOffset = TimestampOffset,
        IdOffset = _idOffset,
        Tl0Offset = _tl0Offset,
        Encoding = encoding.Index,
        SpatialLimit = Selector.SpatialLimit,
        TemporalLimit = Selector.TemporalLimit,
        IsForwarded = isForwarded,
    });

    private PacketEdit Edit(in PacketLayer layer, in Picture picture) => (picture.IdOffset | picture.Tl0Offset) == 0
        ? default
        : new(track.Codec, (ushort)((layer.PictureId + picture.IdOffset) & _idMask), (byte)(layer.Tl0 + picture.Tl0Offset));

    private static SentForm FormOf(scoped in RtpPacketView packet, in PacketLayer layer, in Picture picture) =>
        !packet.Marker && layer.Is(PacketMarks.EndsFrame) && layer.Spatial == picture.SpatialLimit ? SentForm.Marked : SentForm.AsReceived;

    private void Note(scoped in RtpPacketView packet, in PacketLayer layer, in PacketEdit edit, ulong outgoing, Instant now)
    {
        if (outgoing != _numbers.HighestOutgoing)
            return;
        _newestKey = layer.PictureKey(packet.Timestamp.Value);
        _lastTimestamp = packet.Timestamp.Value + TimestampOffset;
        (_lastId, _lastTl0) = edit.Codec == Codec.None ? (layer.PictureId, layer.Tl0) : (edit.PictureId, edit.Tl0);
        _lastAt = now;
    }

    /// <summary>Of what is missing before a picture that is left out, numbers are kept, and ids too: another encoding must not begin with one of them.</summary>
    private void NoteLeftOut(in PacketLayer layer, in Picture picture)
    {
        // VP8's next picture gets the id of the one that is left out.
        var id = (ushort)((layer.PictureId + picture.IdOffset - (track.Codec == Codec.Vp8 ? 1 : 0)) & _idMask);
        if (layer.Is(PacketMarks.HasPictureId) && ((id - _lastId) & _idMask) <= _idMask / 2)
            _lastId = id;
        var tl0 = (byte)(layer.Tl0 + picture.Tl0Offset - (layer.Temporal == 0 ? 1 : 0));
        if (layer.Is(PacketMarks.HasTl0) && (sbyte)(tl0 - _lastTl0) > 0)
            _lastTl0 = tl0;
    }

    /// <summary>Of the source that went out last; unknown once another one has taken its place.</summary>
    private SenderClock? ClockOfLast => GoesOnWith(_current!) ? _current!.SenderClock : null;

    private uint NextTimestamp(Encoding encoding, uint timestamp, Instant now)
    {
        var unchanged = timestamp + TimestampOffset;
        if (GoesOnWith(encoding) && (int)(unchanged - _lastTimestamp) > 0)
            return unchanged;
        return TimestampSplice.Next(ClockOfLast, TimestampOffset, encoding.SenderClock, timestamp, _lastTimestamp, now - _lastAt, track.ClockRate);
    }
}

/// <summary>Where a packet goes in the subscriber's stream.</summary>
/// <param name="Outgoing">Its sequence number, extended.</param>
/// <param name="TimestampOffset">What its timestamp is higher by.</param>
/// <param name="Edit">What changes in its payload.</param>
/// <param name="Form">What else is different.</param>
internal readonly record struct Placement(ulong Outgoing, uint TimestampOffset, PacketEdit Edit, SentForm Form);
