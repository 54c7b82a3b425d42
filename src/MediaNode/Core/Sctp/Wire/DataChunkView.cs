using System.Buffers.Binary;

namespace MediaNode.Core.Sctp;

/// <summary>DATA (RFC 9260 section 3.3.1): a message, or a piece of one.</summary>
public readonly ref struct DataChunkView
{
    internal const byte EndFlag = 1;
    internal const byte BeginFlag = 2;
    internal const byte UnorderedFlag = 4;
    internal const byte ImmediateFlag = 8;

    private readonly ChunkView _chunk;

    private DataChunkView(ChunkView chunk)
    {
        _chunk = chunk;
    }

    public Tsn Tsn => new(BinaryPrimitives.ReadUInt32BigEndian(_chunk.Value));

    public ushort StreamId => BinaryPrimitives.ReadUInt16BigEndian(_chunk.Value[4..]);

    /// <summary>Without meaning when unordered.</summary>
    public ushort StreamSequenceNumber => BinaryPrimitives.ReadUInt16BigEndian(_chunk.Value[6..]);

    public uint PayloadProtocol => BinaryPrimitives.ReadUInt32BigEndian(_chunk.Value[8..]);

    public bool IsUnordered => (_chunk.Flags & UnorderedFlag) != 0;

    public bool IsBegin => (_chunk.Flags & BeginFlag) != 0;

    public bool IsEnd => (_chunk.Flags & EndFlag) != 0;

    /// <summary>RFC 7053: the sender wants its SACK at once.</summary>
    public bool WantsSackAtOnce => (_chunk.Flags & ImmediateFlag) != 0;

    /// <summary>Empty is against the protocol, and answered with an ABORT.</summary>
    public ReadOnlySpan<byte> UserData => _chunk.Value[12..];

    public static bool TryParse(ChunkView chunk, out DataChunkView view, out ParseFailure failure)
    {
        failure = chunk.Type != ChunkType.Data ? ParseFailure.WrongType
            : chunk.Bytes.Length < SctpWire.DataHeaderBytes ? ParseFailure.Truncated
            : ParseFailure.None;
        view = failure == ParseFailure.None ? new(chunk) : default;
        return failure == ParseFailure.None;
    }
}
