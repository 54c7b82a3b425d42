using MediaNode.Core.Net;

namespace MediaNode.Core.Forwarding;

/// <summary>
/// Datagrams to one destination that lie side by side in the batch's slab: all of one size but the last, which may be shorter. That is what
/// UDP_SEGMENT sends as one message; a port without it sends them one by one.
/// </summary>
public struct Transmit(int offset, int length, TransportAddress destination)
{
    /// <summary>UDP_MAX_SEGMENTS of kernels before 6.9 is 64.</summary>
    public const int MaximumSegments = 60;

    /// <summary>The whole must fit a UDP datagram's 65,507 bytes.</summary>
    private const int MaximumBytes = 65_000;

    /// <summary>A segment that exceeds the route's MTU is an error for the whole message, so longer datagrams, which would be fragmented, travel alone.</summary>
    private const int MaximumSegmentSize = 1400;

    /// <summary>Where the first begins.</summary>
    public int Offset { get; } = offset;

    /// <summary>Bytes of all together.</summary>
    public int Length { get; private set; } = length;

    /// <summary>Bytes of each but the last.</summary>
    public int SegmentSize { get; } = length;

    public TransportAddress Destination { get; } = destination;

    public readonly bool IsSegmented => Length > SegmentSize;

    public readonly int SegmentCount => SegmentSize == 0 ? 1 : (Length + SegmentSize - 1) / SegmentSize;

    /// <summary>Takes the datagram that follows in the slab, if it can travel with these.</summary>
    internal bool TryExtend(int length, in TransportAddress destination)
    {
        var isOpen = SegmentSize is > 0 and <= MaximumSegmentSize && Length % SegmentSize == 0;
        if (!isOpen || length > SegmentSize || length == 0 || Length + length > MaximumBytes || SegmentCount == MaximumSegments || Destination != destination)
            return false;
        Length += length;
        return true;
    }

    /// <summary>One datagram of the slab.</summary>
    /// <param name="index">Below <see cref="SegmentCount"/>.</param>
    public readonly Range Segment(int index)
    {
        var start = index * SegmentSize;
        return (Offset + start)..(Offset + Math.Min(start + SegmentSize, Length));
    }
}
