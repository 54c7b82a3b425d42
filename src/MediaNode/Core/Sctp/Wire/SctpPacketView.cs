using System.Buffers.Binary;

namespace MediaNode.Core.Sctp;

/// <summary>One SCTP packet: the common header, and chunks whose bounds are checked (RFC 9260 section 3). What is in a chunk is its own view's business.</summary>
public readonly ref struct SctpPacketView
{
    /// <summary>A datagram's worth of the smallest DATA chunks is 60; more chunks than this carry nothing.</summary>
    public const int MaximumChunks = 100;

    private readonly ReadOnlySpan<byte> _packet;

    private SctpPacketView(ReadOnlySpan<byte> packet)
    {
        _packet = packet;
    }

    public int SourcePort => BinaryPrimitives.ReadUInt16BigEndian(_packet);

    public int DestinationPort => BinaryPrimitives.ReadUInt16BigEndian(_packet[2..]);

    public uint VerificationTag => BinaryPrimitives.ReadUInt32BigEndian(_packet[4..]);

    public ChunkEnumerator Chunks => new(_packet[SctpWire.HeaderBytes..]);

    public static bool TryParse(ReadOnlySpan<byte> packet, out SctpPacketView view, out ParseFailure failure)
    {
        view = default;
        failure = Check(packet);
        if (failure != ParseFailure.None)
            return false;
        view = new(packet);
        return true;
    }

    private static ParseFailure Check(ReadOnlySpan<byte> packet)
    {
        if (packet.Length < SctpWire.HeaderBytes + SctpWire.ChunkHeaderBytes)
            return ParseFailure.Truncated;
        if (!SctpChecksum.IsRight(packet))
            return ParseFailure.WrongChecksum;
        var count = 0;
        for (var rest = packet[SctpWire.HeaderBytes..]; !rest.IsEmpty; count++)
        {
            if (rest.Length < SctpWire.ChunkHeaderBytes)
                return ParseFailure.Truncated;
            if (count == MaximumChunks)
                return ParseFailure.TooMany;
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (length < SctpWire.ChunkHeaderBytes || length > rest.Length)
                return ParseFailure.WrongLength;
            rest = rest[Math.Min(SctpWire.Padded(length), rest.Length)..];
        }
        return ParseFailure.None;
    }
}

/// <summary>One chunk.</summary>
public readonly ref struct ChunkView
{
    internal ChunkView(ReadOnlySpan<byte> bytes)
    {
        Bytes = bytes;
    }

    /// <summary>With its header, without padding.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    public ChunkType Type => (ChunkType)Bytes[0];

    public byte Flags => Bytes[1];

    public ReadOnlySpan<byte> Value => Bytes[SctpWire.ChunkHeaderBytes..];
}

/// <summary>Walks the chunks of a packet that was checked.</summary>
public ref struct ChunkEnumerator
{
    private ReadOnlySpan<byte> _rest;

    internal ChunkEnumerator(ReadOnlySpan<byte> chunks)
    {
        _rest = chunks;
    }

    public ChunkView Current { get; private set; }

    /// <summary>The chunk just taken is the packet's last.</summary>
    public readonly bool IsAtEnd => _rest.IsEmpty;

    public readonly ChunkEnumerator GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.IsEmpty)
            return false;
        var length = BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]);
        Current = new(_rest[..length]);
        _rest = _rest[Math.Min(SctpWire.Padded(length), _rest.Length)..];
        return true;
    }
}
