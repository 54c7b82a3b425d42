using System.Buffers.Binary;

namespace MediaNode.Core.Stun;

/// <summary>The 96 bits that tie a response to its request.</summary>
public readonly record struct StunTransactionId(uint High, ulong Low)
{
    public const int Size = 12;

    public static StunTransactionId Read(ReadOnlySpan<byte> source) =>
        new(BinaryPrimitives.ReadUInt32BigEndian(source), BinaryPrimitives.ReadUInt64BigEndian(source[4..]));

    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, High);
        BinaryPrimitives.WriteUInt64BigEndian(destination[4..], Low);
    }
}
