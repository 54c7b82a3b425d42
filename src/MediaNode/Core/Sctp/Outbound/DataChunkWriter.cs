using System.Buffers.Binary;

namespace MediaNode.Core.Sctp;

/// <summary>Writes DATA (RFC 9260 section 3.3.1).</summary>
internal static class DataChunkWriter
{
    public static void Write(ref SctpPacketWriter writer, in OutstandingChunk chunk, Tsn tsn)
    {
        var message = chunk.Message;
        var flags = (chunk.Offset == 0 ? DataChunkView.BeginFlag : 0)
            | (chunk.IsEnd ? DataChunkView.EndFlag : 0)
            | (message.IsOrdered ? 0 : DataChunkView.UnorderedFlag);
        var value = writer.AddChunk(ChunkType.Data, (byte)flags, SctpWire.DataHeaderBytes - SctpWire.ChunkHeaderBytes + chunk.Length);
        BinaryPrimitives.WriteUInt32BigEndian(value, tsn.Value);
        BinaryPrimitives.WriteUInt16BigEndian(value[4..], message.StreamId);
        BinaryPrimitives.WriteUInt16BigEndian(value[6..], message.StreamSequenceNumber);
        BinaryPrimitives.WriteUInt32BigEndian(value[8..], message.PayloadProtocol);
        message.Payload.Span.Slice(chunk.Offset, chunk.Length).CopyTo(value[12..]);
    }
}
