using MediaNode.Core.Forwarding;
using MediaNode.Core.Net;

namespace MediaNode.Transport;

/// <summary>
/// Sorts the datagrams of a batch into messages for UDP_SEGMENT: per destination, in order, all of one size except the last,
/// which may be shorter. Linear time, nothing allocated once it has grown to the batch's size.
/// </summary>
internal sealed class SegmentGrouping
{
    /// <summary>UDP_MAX_SEGMENTS of kernels before 6.9 is 64; the whole must also fit a UDP datagram's 65,507 bytes.</summary>
    private const int MaximumSegments = 60;
    private const int MaximumBytes = 65_000;

    private int[] _next = [];
    private Group[] _groups = [];
    private int[] _table = [];
    private uint[] _stamps = [];
    private uint _stamp;

    public int Count { get; private set; }

    /// <summary>Index of the group's first datagram.</summary>
    public int First(int group) => _groups[group].First;

    /// <summary>The datagram after this one in its group, -1 at the end.</summary>
    public int Next(int transmit) => _next[transmit];

    public void Arrange(ReadOnlySpan<Transmit> transmits, bool segmentation)
    {
        Grow(transmits.Length);
        Count = 0;
        _stamp++;
        for (var i = 0; i < transmits.Length; i++)
        {
            ref readonly var transmit = ref transmits[i];
            _next[i] = -1;
            ref var slot = ref Slot(transmits, transmit.Destination);
            if (segmentation && slot >= 0 && TryAppend(ref _groups[slot], i, transmit.Length))
                continue;
            slot = Count;
            _groups[Count++] = new() { First = i, Last = i, SegmentSize = transmit.Length, Bytes = transmit.Length, Segments = 1 };
        }
    }

    private bool TryAppend(ref Group group, int index, int length)
    {
        if (group.Closed || length > group.SegmentSize || group.Segments == MaximumSegments || group.Bytes + length > MaximumBytes)
            return false;
        _next[group.Last] = index;
        group.Last = index;
        group.Bytes += length;
        group.Segments++;
        group.Closed = length < group.SegmentSize;
        return true;
    }

    /// <summary>The open group of a destination, -1 when it has none yet. Linear probing in a table that is never more than half full.</summary>
    private ref int Slot(ReadOnlySpan<Transmit> transmits, in TransportAddress destination)
    {
        var mask = _table.Length - 1;
        for (var at = destination.GetHashCode() & mask; ; at = (at + 1) & mask)
        {
            if (_stamps[at] != _stamp)
            {
                _stamps[at] = _stamp;
                _table[at] = -1;
                return ref _table[at];
            }
            if (transmits[_groups[_table[at]].First].Destination == destination)
                return ref _table[at];
        }
    }

    private void Grow(int count)
    {
        if (_next.Length >= count)
            return;
        var size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)count);
        _next = new int[size];
        _groups = new Group[size];
        _table = new int[size * 2];
        _stamps = new uint[size * 2];
        _stamp = 0;
    }

    private struct Group
    {
        public int First;
        public int Last;
        public int SegmentSize;
        public int Bytes;
        public int Segments;
        public bool Closed;
    }
}
