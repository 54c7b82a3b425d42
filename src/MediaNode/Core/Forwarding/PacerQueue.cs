using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>
/// Video that has to wait for its turn towards one subscriber. Holds no packets, only which ones: they lie in the publisher's history, and are
/// encrypted when they leave. Made when it is first needed, which on most paths is never.
/// </summary>
internal sealed class PacerQueue
{
    /// <summary>A key frame of 300 KB.</summary>
    private const int Capacity = 256;

    /// <summary>Half of a publisher's history, which must still have the packets when their turn comes.</summary>
    private const int MaximumBytes = PacketHistory.VideoBytes / 2;

    /// <summary>Older video is of no use in a conversation.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(400);

    private readonly WaitingPacket[] _ring = new WaitingPacket[Capacity];
    private int _first;
    private int _bytes;

    public int Count { get; private set; }

    /// <summary>No more fits, or what waits has waited too long: then all of it is given up.</summary>
    public bool IsOverfull(Instant now) =>
        Count == Capacity || _bytes > MaximumBytes || (Count > 0 && now - _ring[_first].Since > LongestWait);

    public void Add(in WaitingPacket packet)
    {
        _ring[(_first + Count++) % Capacity] = packet;
        _bytes += packet.Bytes;
    }

    public bool TryTake(out WaitingPacket packet)
    {
        packet = _ring[_first];
        if (Count == 0)
            return false;
        _bytes -= packet.Bytes;
        // Or it would keep a track alive that has ended.
        _ring[_first] = default;
        _first = (_first + 1) % Capacity;
        Count--;
        return true;
    }
}

/// <param name="Track">Whose it is.</param>
/// <param name="Outgoing">Its number, extended: finds it among what the track has sent.</param>
/// <param name="Bytes">About what it takes.</param>
/// <param name="Since">When it began to wait.</param>
internal readonly record struct WaitingPacket(DownTrack Track, ulong Outgoing, int Bytes, Instant Since);
