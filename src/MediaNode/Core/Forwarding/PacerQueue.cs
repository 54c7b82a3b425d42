using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>
/// Video of one track that has to wait for its turn towards one subscriber. Holds no packets, only which ones: they lie in the publisher's history, and are
/// encrypted when they leave. As large as it has to be.
/// </summary>
internal sealed class PacerQueue
{
    /// <summary>A key frame of a camera, and one of a megabyte. Powers of two, both.</summary>
    private const int InitialCapacity = 64;
    private const int MaximumCapacity = 1024;

    private WaitingPacket[] _ring = new WaitingPacket[InitialCapacity];
    private int _first;

    public int Count { get; private set; }

    public int Bytes { get; private set; }

    public bool IsFull => Count == MaximumCapacity;

    /// <summary>Only when there is one, as the next.</summary>
    public ref readonly WaitingPacket First => ref At(0);

    public ref readonly WaitingPacket Last => ref At(Count - 1);

    public void Add(in WaitingPacket packet)
    {
        if (Count == _ring.Length)
            Grow();
        At(Count++) = packet;
        Bytes += packet.Bytes;
    }

    public WaitingPacket TakeFirst()
    {
        var packet = First;
        _first = (_first + 1) & (_ring.Length - 1);
        Count--;
        Bytes -= packet.Bytes;
        return packet;
    }

    public WaitingPacket TakeLast()
    {
        var packet = Last;
        Count--;
        Bytes -= packet.Bytes;
        return packet;
    }

    private ref WaitingPacket At(int index) => ref _ring[(_first + index) & (_ring.Length - 1)];

    private void Grow()
    {
        var grown = new WaitingPacket[_ring.Length * 2];
        for (var i = 0; i < Count; i++)
            grown[i] = At(i);
        (_ring, _first) = (grown, 0);
    }
}

/// <param name="Outgoing">Its number, extended: finds it among what the track has sent.</param>
/// <param name="Bytes">About what it takes.</param>
/// <param name="Picture">What it is a part of.</param>
/// <param name="IsKeyFrame">That is a key frame.</param>
/// <param name="Since">When it began to wait.</param>
internal readonly record struct WaitingPacket(ulong Outgoing, int Bytes, PictureId Picture, bool IsKeyFrame, Instant Since);

/// <summary>One picture of a track: the encoding, and the timestamp that it came with.</summary>
internal readonly record struct PictureId(byte Encoding, uint Timestamp)
{
    /// <summary>Of one track, in the order in which they go out: those of another encoding were chosen before.</summary>
    public bool IsBefore(PictureId newer) => Encoding != newer.Encoding || (int)(Timestamp - newer.Timestamp) < 0;
}
