using System.Buffers.Binary;

namespace MediaNode.Core.Sctp;

/// <summary>INIT and INIT ACK (RFC 9260 sections 3.3.2 and 3.3.3), which differ in their parameters only.</summary>
public readonly ref struct InitChunkView
{
    private const int FixedBytes = 16;

    /// <summary>Bytes (RFC 9260 section 3.3.2): a smaller window is against the protocol.</summary>
    private const uint LeastWindow = 1500;

    private readonly ChunkView _chunk;

    private InitChunkView(ChunkView chunk)
    {
        _chunk = chunk;
    }

    public uint InitiateTag => BinaryPrimitives.ReadUInt32BigEndian(_chunk.Value);

    /// <summary>Bytes that the sender has room for.</summary>
    public uint Window => BinaryPrimitives.ReadUInt32BigEndian(_chunk.Value[4..]);

    public ushort OutboundStreams => BinaryPrimitives.ReadUInt16BigEndian(_chunk.Value[8..]);

    public ushort InboundStreams => BinaryPrimitives.ReadUInt16BigEndian(_chunk.Value[10..]);

    public Tsn InitialTsn => new(BinaryPrimitives.ReadUInt32BigEndian(_chunk.Value[12..]));

    public ParameterEnumerator Parameters => new(_chunk.Value[FixedBytes..]);

    public static bool TryParse(ChunkView chunk, out InitChunkView view, out ParseFailure failure)
    {
        view = default;
        if (chunk.Type is not (ChunkType.Init or ChunkType.InitAck))
            failure = ParseFailure.WrongType;
        else if (chunk.Value.Length < FixedBytes)
            failure = ParseFailure.Truncated;
        else
            failure = ParameterEnumerator.Check(chunk.Value[FixedBytes..]);
        if (failure != ParseFailure.None)
            return false;
        view = new(chunk);
        if (view.InitiateTag == 0 || view.Window < LeastWindow || view.OutboundStreams == 0 || view.InboundStreams == 0)
            failure = ParseFailure.WrongValue;
        return failure == ParseFailure.None;
    }
}
