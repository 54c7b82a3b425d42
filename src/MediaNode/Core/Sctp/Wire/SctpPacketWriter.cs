using System.Buffers.Binary;

namespace MediaNode.Core.Sctp;

/// <summary>Writes one packet into the caller's buffer, chunk by chunk. Ask <see cref="Fits"/> first: a buffer that is too small throws.</summary>
internal ref struct SctpPacketWriter
{
    private readonly Span<byte> _buffer;

    public SctpPacketWriter(Span<byte> buffer, int sourcePort, int destinationPort, uint verificationTag)
    {
        _buffer = buffer;
        BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], (ushort)destinationPort);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], verificationTag);
        Length = SctpWire.HeaderBytes;
    }

    public int Length { get; private set; }

    public readonly bool IsEmpty => Length == SctpWire.HeaderBytes;

    /// <summary>Bytes of a chunk, header included, that there is room for.</summary>
    public readonly int Room => _buffer.Length - Length;

    public readonly bool Fits(int chunkBytes) => SctpWire.Padded(chunkBytes) <= Room;

    /// <summary>Room for the value of a new chunk of exactly this many bytes.</summary>
    public Span<byte> AddChunk(ChunkType type, byte flags, int valueBytes)
    {
        var length = SctpWire.ChunkHeaderBytes + valueBytes;
        var chunk = _buffer.Slice(Length, SctpWire.Padded(length));
        chunk[0] = (byte)type;
        chunk[1] = flags;
        BinaryPrimitives.WriteUInt16BigEndian(chunk[2..], (ushort)length);
        chunk[length..].Clear();
        Length += chunk.Length;
        return chunk[SctpWire.ChunkHeaderBytes..length];
    }

    /// <summary>A finished chunk without padding.</summary>
    public void AddChunk(scoped ReadOnlySpan<byte> chunk)
    {
        var padded = _buffer.Slice(Length, SctpWire.Padded(chunk.Length));
        chunk.CopyTo(padded);
        padded[chunk.Length..].Clear();
        Length += padded.Length;
    }

    /// <summary>Writes the checksum.</summary>
    /// <returns>Bytes of the packet.</returns>
    public readonly int Finish()
    {
        SctpChecksum.Write(_buffer[..Length]);
        return Length;
    }
}
