using System.Buffers.Binary;

namespace MediaNode.Core.Fuzz.Engine;

/// <summary>The bytes of an input, taken from the front. What is not there any more reads as zero.</summary>
internal ref struct ActionInput(ReadOnlySpan<byte> data)
{
    private ReadOnlySpan<byte> _rest = data;

    public readonly bool IsEmpty => _rest.IsEmpty;

    public byte Byte() => Take(1) is [var value] ? value : (byte)0;

    public sbyte Signed() => (sbyte)Byte();

    public ushort Word() => Take(2) is { Length: 2 } bytes ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : (ushort)0;

    /// <summary>So many bytes as the next one says.</summary>
    public ReadOnlySpan<byte> Bytes() => Take(Byte());

    /// <summary>The same, at most 2000, by two bytes.</summary>
    public ReadOnlySpan<byte> LongBytes() => Take(Word() % 2000);

    private ReadOnlySpan<byte> Take(int count)
    {
        var taken = _rest[..Math.Min(count, _rest.Length)];
        _rest = _rest[taken.Length..];
        return taken;
    }
}
