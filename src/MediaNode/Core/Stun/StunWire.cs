using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace MediaNode.Core.Stun;

/// <summary>Sizes and checksums that reader and writer of STUN share.</summary>
internal static class StunWire
{
    public const uint MagicCookie = 0x2112_A442;
    public const int HeaderSize = 20;
    public const int AttributeHeaderSize = 4;
    public const int IntegritySize = 20;
    public const int FingerprintSize = 4;

    /// <summary>Bytes of the longest message taken or written. Checks are around 100 bytes; a UDP path carries no more than this anyway.</summary>
    public const int MaximumMessageSize = 1500;

    /// <summary>RFC 8489 section 14.7: XORed into the CRC so that it differs from another protocol's CRC over the same bytes.</summary>
    private const uint FingerprintMask = 0x5354_554E;

    public static int Padded(int length) => (length + 3) & ~3;

    public static uint Fingerprint(ReadOnlySpan<byte> messageBeforeAttribute) => Crc32.HashToUInt32(messageBeforeAttribute) ^ FingerprintMask;

    /// <summary>
    /// RFC 8489 section 14.5: HMAC-SHA1 over all that precedes the attribute, with a length field that ends just behind it.
    /// </summary>
    public static void Integrity(ReadOnlySpan<byte> messageBeforeAttribute, ReadOnlySpan<byte> key, Span<byte> destination)
    {
        Span<byte> copy = stackalloc byte[MaximumMessageSize];
        copy = copy[..messageBeforeAttribute.Length];
        messageBeforeAttribute.CopyTo(copy);
        var length = messageBeforeAttribute.Length + AttributeHeaderSize + IntegritySize - HeaderSize;
        BinaryPrimitives.WriteUInt16BigEndian(copy[2..], (ushort)length);
#pragma warning disable CA5350 // RFC 8445 fixes HMAC-SHA1 for connectivity checks.
        HMACSHA1.HashData(key, copy, destination);
#pragma warning restore CA5350
    }

    public static void XorAddress(Span<byte> address, ReadOnlySpan<byte> cookieAndTransactionId)
    {
        for (var i = 0; i < address.Length; i++)
            address[i] ^= cookieAndTransactionId[i];
    }
}
