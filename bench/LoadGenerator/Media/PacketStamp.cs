using System.Buffers.Binary;
using MediaNode.Core.Time;

namespace LoadGenerator.Media;

/// <summary>What every payload carries: which stream it is of, its number in it, and when it was sent.</summary>
/// <param name="Stream">Number of the publisher's stream in this run.</param>
/// <param name="Number">Counts the stream's packets from 0.</param>
internal readonly record struct PacketStamp(int Stream, long Number, Instant SentAt)
{
    public const int Length = 20;

    /// <summary>Behind VP8's descriptor with a long picture id (4) and a key frame's header (10), so that it is at one place in all packets.</summary>
    public const int VideoOffset = 14;

    /// <summary>Behind the byte that tells opus' frame length.</summary>
    public const int AudioOffset = 1;

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteInt32BigEndian(target, Stream);
        BinaryPrimitives.WriteInt64BigEndian(target[4..], Number);
        BinaryPrimitives.WriteInt64BigEndian(target[12..], SentAt.Nanoseconds);
    }

    public static bool TryRead(ReadOnlySpan<byte> payload, bool isVideo, out PacketStamp stamp)
    {
        var offset = isVideo ? VideoOffset : AudioOffset;
        stamp = default;
        if (payload.Length < offset + Length)
            return false;
        var source = payload[offset..];
        stamp = new(
            BinaryPrimitives.ReadInt32BigEndian(source),
            BinaryPrimitives.ReadInt64BigEndian(source[4..]),
            new(BinaryPrimitives.ReadInt64BigEndian(source[12..])));
        return true;
    }
}
