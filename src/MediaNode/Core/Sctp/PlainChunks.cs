namespace MediaNode.Core.Sctp;

/// <summary>Writes control chunks that hold nothing, one number, or one error cause.</summary>
internal static class PlainChunks
{
    /// <summary>COOKIE ACK, SHUTDOWN ACK or SHUTDOWN COMPLETE.</summary>
    public static byte[] WriteEmpty(ChunkType type) => [(byte)type, 0, 0, SctpWire.ChunkHeaderBytes];

    /// <summary>RFC 9260 section 3.3.8.</summary>
    public static byte[] WriteShutdown(Tsn cumulative)
    {
        var writer = new ChunkWriter(stackalloc byte[SctpWire.ChunkHeaderBytes + sizeof(uint)], ChunkType.Shutdown);
        writer.Write(cumulative.Value);
        return writer.Finish();
    }

    /// <summary>ABORT or ERROR with one cause (RFC 9260 section 3.3.10).</summary>
    public static byte[] WriteCause(ChunkType type, ErrorCause cause, ReadOnlySpan<byte> information)
    {
        var writer = new ChunkWriter(stackalloc byte[SctpLimits.ControlChunkBytes], type);
        information.CopyTo(writer.AddParameter((ushort)cause, information.Length));
        return writer.Finish();
    }
}
