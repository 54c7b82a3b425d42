using System.Buffers.Binary;

namespace MediaNode.Core.Sctp;

/// <summary>SACK (RFC 9260 section 3.3.4).</summary>
public readonly ref struct SackChunkView
{
    private const int FixedBytes = 12;
    private const int ItemBytes = 4;

    private readonly ReadOnlySpan<byte> _value;

    private SackChunkView(ReadOnlySpan<byte> value)
    {
        _value = value;
    }

    /// <summary>Everything up to here has arrived.</summary>
    public Tsn CumulativeTsn => new(BinaryPrimitives.ReadUInt32BigEndian(_value));

    /// <summary>Bytes that the receiver has room for, what is in flight included.</summary>
    public uint Window => BinaryPrimitives.ReadUInt32BigEndian(_value[4..]);

    public int GapBlockCount => BinaryPrimitives.ReadUInt16BigEndian(_value[8..]);

    public int DuplicateCount => BinaryPrimitives.ReadUInt16BigEndian(_value[10..]);

    /// <summary>First and last of a run that has arrived, counted from the cumulative TSN.</summary>
    public (int Start, int End) GapBlock(int index)
    {
        var block = _value[(FixedBytes + ItemBytes * index)..];
        return (BinaryPrimitives.ReadUInt16BigEndian(block), BinaryPrimitives.ReadUInt16BigEndian(block[2..]));
    }

    public static bool TryParse(ChunkView chunk, out SackChunkView view, out ParseFailure failure)
    {
        view = default;
        failure = ParseFailure.None;
        if (chunk.Type != ChunkType.Sack)
            failure = ParseFailure.WrongType;
        else if (chunk.Value.Length < FixedBytes)
            failure = ParseFailure.Truncated;
        if (failure != ParseFailure.None)
            return false;
        view = new(chunk.Value);
        if (chunk.Value.Length != FixedBytes + ItemBytes * (view.GapBlockCount + view.DuplicateCount))
            failure = ParseFailure.WrongLength;
        return failure == ParseFailure.None;
    }
}
