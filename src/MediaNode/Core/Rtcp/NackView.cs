using System.Buffers.Binary;
using System.Numerics;

namespace MediaNode.Core.Rtcp;

/// <summary>Generic NACK (RFC 4585 section 6.2.1).</summary>
public readonly ref struct NackView
{
    internal const int ItemSize = 4;

    /// <summary>Sequence numbers taken from one packet. A receiver that misses more wants a key frame, and a longer list is an amplifier.</summary>
    public const int MaximumLost = 256;

    private readonly ReadOnlySpan<byte> _items;

    private NackView(FeedbackHeader header, ReadOnlySpan<byte> items)
    {
        Header = header;
        _items = items;
    }

    public FeedbackHeader Header { get; }

    /// <summary>Sequence numbers that it names, however many.</summary>
    public int Count
    {
        get
        {
            var count = 0;
            for (var offset = 0; offset < _items.Length; offset += ItemSize)
                count += 1 + BitOperations.PopCount(BinaryPrimitives.ReadUInt16BigEndian(_items[(offset + 2)..]));
            return count;
        }
    }

    /// <summary>Copies the lost sequence numbers in the packet's order: as many as fit, at most <see cref="MaximumLost"/>.</summary>
    public int CopyLost(Span<ushort> destination)
    {
        var limit = Math.Min(destination.Length, MaximumLost);
        var count = 0;
        for (var offset = 0; offset < _items.Length && count < limit; offset += ItemSize)
        {
            var first = BinaryPrimitives.ReadUInt16BigEndian(_items[offset..]);
            destination[count++] = first;
            var following = BinaryPrimitives.ReadUInt16BigEndian(_items[(offset + 2)..]);
            for (var bit = 0; bit < 16 && count < limit; bit++)
            {
                if ((following & (1 << bit)) != 0)
                    destination[count++] = (ushort)(first + bit + 1);
            }
        }

        return count;
    }

    public static bool TryParse(RtcpPacketView packet, out NackView view, out ParseFailure failure)
    {
        failure = FeedbackHeader.TryRead(packet, RtcpPacketType.TransportFeedback, RtcpFeedbackFormat.GenericNack, out var header, out var items);
        if (failure == ParseFailure.None && items.IsEmpty)
            failure = ParseFailure.Truncated;
        else if (failure == ParseFailure.None && items.Length % ItemSize != 0)
            failure = ParseFailure.WrongLength;
        view = failure == ParseFailure.None ? new NackView(header, items) : default;
        return failure == ParseFailure.None;
    }
}
