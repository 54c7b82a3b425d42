using System.Buffers.Binary;

namespace MediaNode.Core.Net;

/// <summary>
/// Datagrams on a stream, as ICE over TCP carries them (RFC 6544 section 3): each behind its length in two bytes, in network order (RFC 4571 section 2).
/// </summary>
public static class StreamFrames
{
    /// <summary>Bytes of the length.</summary>
    public const int HeaderSize = sizeof(ushort);

    /// <summary>Longest datagram that is taken: larger than any that is forwarded, as with UDP. A longer one breaks the stream.</summary>
    public const int MaximumFrame = 2048;

    /// <summary>Writes a datagram with its length before it.</summary>
    /// <returns>Bytes written.</returns>
    public static int Write(Span<byte> destination, ReadOnlySpan<byte> datagram)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, checked((ushort)datagram.Length));
        datagram.CopyTo(destination[HeaderSize..]);
        return HeaderSize + datagram.Length;
    }
}
