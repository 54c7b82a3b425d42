using MediaNode.Core.Forwarding.Layers;

namespace MediaNode.Core.Forwarding;

/// <summary>
/// Packets of one track that wait for the end of the batch in which they came. They lie in the history; this holds their numbers.
/// Bounded so that the history still has them all when they are forwarded.
/// </summary>
internal sealed class PendingPackets
{
    /// <summary>A frame at 3 Mbit/s and 30 a second is 12 packets; more than this leave at once.</summary>
    private const int Capacity = 32;

    /// <summary>Half of the smallest history, whose other half they may push out.</summary>
    private const int MaximumBytes = PacketHistory.AudioBytes / 2;

    private readonly PendingPacket[] _packets = new PendingPacket[Capacity];
    private int _bytes;

    public int Count { get; private set; }

    public ReadOnlySpan<PendingPacket> All => _packets.AsSpan(0, Count);

    public bool HasRoomFor(int bytes) => Count < Capacity && _bytes + bytes <= MaximumBytes;

    public void Add(in PendingPacket packet, int bytes)
    {
        _packets[Count++] = packet;
        _bytes += bytes;
    }

    public void Clear()
    {
        Count = 0;
        _bytes = 0;
    }
}

internal readonly record struct PendingPacket(Encoding Encoding, ulong Sequence, PacketLayer Layer);
