namespace MediaNode.Core.Forwarding.Layers;

/// <summary>What was decided about one picture, for all of its packets, whenever they come.</summary>
internal struct Picture
{
    /// <summary><see cref="PacketLayer.PictureKey"/>.</summary>
    public uint Key;

    /// <summary>What the subscriber's timestamp is higher by.</summary>
    public uint TimestampOffset;

    /// <summary>What the subscriber's picture id (AV1: frame number) is higher by.</summary>
    public ushort IdOffset;

    /// <summary>What the subscriber's TL0PICIDX is higher by.</summary>
    public byte Tl0Offset;

    public byte Encoding;

    /// <summary>Highest spatial layer that goes out.</summary>
    public byte SpatialLimit;

    /// <summary>Temporal limit that was in force: late pictures of that time are judged by it.</summary>
    public byte TemporalLimit;

    public bool IsForwarded;

    public readonly bool Takes(byte spatial) => IsForwarded && spatial <= SpatialLimit;
}

/// <summary>The last pictures of one subscription.</summary>
internal sealed class PictureLog
{
    /// <summary>Half a second at 60 pictures a second; what comes later than that has missed its moment. A power of two.</summary>
    private const int Capacity = 32;

    private readonly Picture[] _pictures = new Picture[Capacity];
    private int _count;

    /// <summary>The picture added last, which in the current encoding is the newest. Only when there is one.</summary>
    public ref Picture Newest => ref _pictures[(_count - 1) & (Capacity - 1)];

    public ref Picture Add(scoped in Picture picture)
    {
        // Never back to zero, which would read as empty.
        _count = _count == int.MaxValue ? Capacity : _count + 1;
        Newest = picture;
        return ref Newest;
    }

    public bool TryFind(byte encoding, uint key, out Picture found)
    {
        foreach (ref readonly var picture in _pictures.AsSpan(0, Math.Min(_count, Capacity)))
        {
            if (picture.Encoding != encoding || picture.Key != key)
                continue;
            found = picture;
            return true;
        }
        found = default;
        return false;
    }

    /// <summary>Finds the pictures on both sides of one that comes late as a whole.</summary>
    public bool TryFindNeighbours(byte encoding, uint key, out Picture before, out Picture after)
    {
        before = after = default;
        var (nearestBefore, nearestAfter) = (int.MinValue, int.MaxValue);
        foreach (ref readonly var picture in _pictures.AsSpan(0, Math.Min(_count, Capacity)))
        {
            var distance = (int)(picture.Key - key);
            if (picture.Encoding != encoding || distance == 0)
                continue;
            if (distance < 0 && distance > nearestBefore)
                (nearestBefore, before) = (distance, picture);
            else if (distance > 0 && distance < nearestAfter)
                (nearestAfter, after) = (distance, picture);
        }
        if (nearestAfter == int.MaxValue)
            return false;
        // What is older than the whole log has the offsets of its oldest picture, unless pictures between them have been forgotten.
        if (nearestBefore == int.MinValue)
            before = after;
        return nearestBefore != int.MinValue || _count <= Capacity;
    }
}
