using System.Buffers.Binary;

namespace MediaNode.Core.Sctp;

/// <summary>Puts together one control chunk with parameters or error causes. Control chunks are rare, so each is an array of its own.</summary>
internal ref struct ChunkWriter
{
    private readonly Span<byte> _buffer;
    private int _length;

    /// <param name="buffer">Room for the longest chunk.</param>
    /// <param name="type">Of the chunk.</param>
    /// <param name="flags">Of the chunk.</param>
    public ChunkWriter(Span<byte> buffer, ChunkType type, byte flags = 0)
    {
        _buffer = buffer;
        _buffer[0] = (byte)type;
        _buffer[1] = flags;
        _length = SctpWire.ChunkHeaderBytes;
    }

    /// <summary>Bytes that a parameter's value may have.</summary>
    public readonly int Room => _buffer.Length - SctpWire.Padded(_length) - SctpWire.ParameterHeaderBytes;

    public void Write(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_buffer[_length..], value);
        _length += sizeof(uint);
    }

    public void Write(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[_length..], value);
        _length += sizeof(ushort);
    }

    /// <summary>Room for a parameter's value of exactly this many bytes.</summary>
    public Span<byte> AddParameter(ushort type, int valueBytes)
    {
        var start = SctpWire.Padded(_length);
        _buffer[_length..start].Clear();
        var length = SctpWire.ParameterHeaderBytes + valueBytes;
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[start..], type);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[(start + 2)..], (ushort)length);
        _length = start + length;
        return _buffer.Slice(start + SctpWire.ParameterHeaderBytes, valueBytes);
    }

    public readonly byte[] Finish()
    {
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[2..], (ushort)_length);
        return _buffer[.._length].ToArray();
    }
}
