using System.Buffers.Binary;
using System.Security.Cryptography;
using MediaNode.Core.Time;

namespace MediaNode.Core.Sctp;

/// <summary>
/// The state cookie (RFC 9260 section 5.1.3): everything that an INIT said, with an HMAC-SHA-256 under a key that only this association has.
/// INIT thus changes nothing here; who cannot give the cookie back has not begun anything.
/// </summary>
internal static class StateCookie
{
    public const int Bytes = ContentBytes + HMACSHA256.HashSizeInBytes;
    public const int KeyBytes = 32;

    private const int ContentBytes = 32;
    private const byte PartialReliability = 1;
    private const byte StreamReset = 2;

    public static void Write(Span<byte> cookie, in PeerParameters peer, uint localTag, ReadOnlySpan<byte> key, Instant now)
    {
        BinaryPrimitives.WriteInt64BigEndian(cookie, now.Nanoseconds);
        BinaryPrimitives.WriteUInt32BigEndian(cookie[8..], localTag);
        BinaryPrimitives.WriteUInt32BigEndian(cookie[12..], peer.Tag);
        BinaryPrimitives.WriteUInt32BigEndian(cookie[16..], peer.InitialTsn.Value);
        BinaryPrimitives.WriteUInt32BigEndian(cookie[20..], peer.Window);
        BinaryPrimitives.WriteUInt16BigEndian(cookie[24..], peer.OutboundStreams);
        BinaryPrimitives.WriteUInt16BigEndian(cookie[26..], peer.InboundStreams);
        cookie[28..ContentBytes].Clear();
        cookie[28] = (byte)((peer.PartialReliability ? PartialReliability : 0) | (peer.StreamReset ? StreamReset : 0));
        HMACSHA256.HashData(key, cookie[..ContentBytes], cookie[ContentBytes..Bytes]);
    }

    /// <returns>False when it is not one of ours.</returns>
    public static bool TryRead(ReadOnlySpan<byte> cookie, uint localTag, ReadOnlySpan<byte> key, Instant now, out PeerParameters peer, out bool isStale)
    {
        (peer, isStale) = (default, false);
        if (cookie.Length != Bytes)
            return false;
        Span<byte> code = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, cookie[..ContentBytes], code);
        if (!CryptographicOperations.FixedTimeEquals(code, cookie[ContentBytes..]) || BinaryPrimitives.ReadUInt32BigEndian(cookie[8..]) != localTag)
            return false;
        isStale = now > new Instant(BinaryPrimitives.ReadInt64BigEndian(cookie)) + SctpLimits.CookieLife;
        peer = new(
            BinaryPrimitives.ReadUInt32BigEndian(cookie[12..]),
            BinaryPrimitives.ReadUInt32BigEndian(cookie[20..]),
            BinaryPrimitives.ReadUInt16BigEndian(cookie[24..]),
            BinaryPrimitives.ReadUInt16BigEndian(cookie[26..]),
            new(BinaryPrimitives.ReadUInt32BigEndian(cookie[16..])),
            (cookie[28] & PartialReliability) != 0,
            (cookie[28] & StreamReset) != 0);
        return true;
    }
}
