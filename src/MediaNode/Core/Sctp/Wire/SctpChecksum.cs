using System.Buffers.Binary;
using System.Numerics;

namespace MediaNode.Core.Sctp;

/// <summary>
/// CRC32c over a packet whose checksum field counts as zero (RFC 9260 section 6.8, appendix A). DTLS protects the packet already, but
/// RFC 8261 keeps the checksum, and RFC 9653, which would let it be zero, is not offered: a packet costs some 60 ns here.
/// </summary>
internal static class SctpChecksum
{
    private const int Offset = 8;

    public static bool IsRight(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt32LittleEndian(packet[Offset..]) == Compute(packet);

    public static void Write(Span<byte> packet) => BinaryPrimitives.WriteUInt32LittleEndian(packet[Offset..], Compute(packet));

    private static uint Compute(ReadOnlySpan<byte> packet)
    {
        var crc = Add(uint.MaxValue, packet[..Offset]);
        crc = BitOperations.Crc32C(crc, 0u);
        return ~Add(crc, packet[(Offset + sizeof(uint))..]);
    }

    private static uint Add(uint crc, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return crc;
    }
}
