using System.Buffers.Binary;

namespace MediaNode.Core.Rtcp;

/// <summary>
/// Walks the two-bit symbols of packet status chunks: runs, and vectors of 14 one-bit or 7 two-bit symbols. A symbol's value is also the number of
/// bytes of its delta. Ends after the count, or when the chunks run out.
/// </summary>
internal ref struct StatusSymbols(ReadOnlySpan<byte> chunks, int count)
{
    private readonly ReadOnlySpan<byte> _chunks = chunks;
    private int _remaining = count;
    private ushort _chunk;
    private int _leftInChunk;

    public int ConsumedBytes { get; private set; }

    public int Current { get; private set; }

    public bool MoveNext()
    {
        if (_remaining == 0)
            return false;
        // A run of length zero says nothing; each turn takes a chunk.
        while (_leftInChunk == 0)
        {
            if (_chunks.Length < ConsumedBytes + TransportFeedbackWire.ChunkSize)
                return false;
            _chunk = BinaryPrimitives.ReadUInt16BigEndian(_chunks[ConsumedBytes..]);
            ConsumedBytes += TransportFeedbackWire.ChunkSize;
            _leftInChunk = IsVector ? (HasTwoBitSymbols ? TransportFeedbackWire.SymbolsPerTwoBitVector : 14) : _chunk & TransportFeedbackWire.MaximumRun;
        }

        _leftInChunk--;
        _remaining--;
        Current = !IsVector ? (_chunk >> 13) & 3
            : HasTwoBitSymbols ? (_chunk >> (2 * _leftInChunk)) & 3
            : (_chunk >> _leftInChunk) & 1;
        return true;
    }

    private readonly bool IsVector => (_chunk & 0x8000) != 0;

    private readonly bool HasTwoBitSymbols => (_chunk & 0x4000) != 0;
}
