using System.Buffers.Binary;

namespace MediaNode.Core.Sctp;

/// <summary>Writes FORWARD TSN for the abandoned fragments at the front (RFC 3758 section 3.5, rule C3), with the last message of each ordered stream among them.</summary>
internal static class ForwardTsnWriter
{
    /// <summary>Streams in one chunk; where there are more, it goes less far, and the next one follows its acknowledgement.</summary>
    private const int MaximumStreams = 64;

    public static bool TryWrite(ref SctpPacketWriter writer, OutstandingChunks outstanding, Tsn cumulativeTsn)
    {
        Span<(ushort Id, ushort Number)> streams = stackalloc (ushort, ushort)[MaximumStreams];
        var count = 0;
        var skipped = 0;
        for (; skipped < outstanding.Count && outstanding[skipped].State == ChunkState.Abandoned; skipped++)
        {
            if (outstanding[skipped].Message is { IsOrdered: true } message && !TryNote(message, streams, ref count))
                break;
        }
        var length = sizeof(uint) + count * 2 * sizeof(ushort);
        if (skipped == 0)
            return true;
        if (!writer.Fits(SctpWire.ChunkHeaderBytes + length))
            return false;
        var value = writer.AddChunk(ChunkType.ForwardTsn, 0, length);
        BinaryPrimitives.WriteUInt32BigEndian(value, cumulativeTsn.Plus(skipped).Value);
        for (var i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(value[(4 + i * 4)..], streams[i].Id);
            BinaryPrimitives.WriteUInt16BigEndian(value[(6 + i * 4)..], streams[i].Number);
        }
        return true;
    }

    private static bool TryNote(OutboundMessage message, Span<(ushort Id, ushort Number)> streams, ref int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (streams[i].Id != message.StreamId)
                continue;
            // Fragments come in the order of their messages, so a later one is the higher number.
            streams[i].Number = message.StreamSequenceNumber;
            return true;
        }
        if (count == streams.Length)
            return false;
        streams[count++] = (message.StreamId, message.StreamSequenceNumber);
        return true;
    }
}
