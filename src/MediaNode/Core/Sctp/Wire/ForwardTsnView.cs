using System.Buffers.Binary;

namespace MediaNode.Core.Sctp;

/// <summary>FORWARD TSN (RFC 3758 section 3.2): the sender has given up everything up to a TSN.</summary>
public readonly ref struct ForwardTsnView
{
    private const int FixedBytes = 4;
    private const int ItemBytes = 4;

    private readonly ReadOnlySpan<byte> _value;

    private ForwardTsnView(ReadOnlySpan<byte> value)
    {
        _value = value;
    }

    public Tsn NewCumulativeTsn => new(BinaryPrimitives.ReadUInt32BigEndian(_value));

    public int StreamCount => (_value.Length - FixedBytes) / ItemBytes;

    /// <summary>An ordered stream, and the last of its messages that was given up.</summary>
    public (ushort StreamId, ushort StreamSequenceNumber) Stream(int index)
    {
        var item = _value[(FixedBytes + ItemBytes * index)..];
        return (BinaryPrimitives.ReadUInt16BigEndian(item), BinaryPrimitives.ReadUInt16BigEndian(item[2..]));
    }

    public static bool TryParse(ChunkView chunk, out ForwardTsnView view, out ParseFailure failure)
    {
        failure = chunk.Type != ChunkType.ForwardTsn ? ParseFailure.WrongType
            : chunk.Value.Length < FixedBytes ? ParseFailure.Truncated
            : (chunk.Value.Length - FixedBytes) % ItemBytes != 0 ? ParseFailure.WrongLength
            : ParseFailure.None;
        view = failure == ParseFailure.None ? new(chunk.Value) : default;
        return failure == ParseFailure.None;
    }
}
