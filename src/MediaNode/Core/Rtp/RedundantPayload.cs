using System.Buffers.Binary;

namespace MediaNode.Core.Rtp;

/// <summary>
/// The payload of redundant audio (RFC 2198): earlier blocks once more, and behind them the block that the packet is about, the primary one.
/// </summary>
public readonly ref struct RedundantPayload
{
    /// <summary>Blocks taken, the primary one included. Browsers send two; more than this would repeat what nobody can play any more.</summary>
    public const int MaximumBlocks = 8;

    /// <summary>RFC 2198 section 3: F bit and payload type, 14 bits of timestamp offset, 10 bits of length.</summary>
    internal const int HeaderSize = 4;

    /// <summary>F bit and payload type: the primary block's length is what is left.</summary>
    internal const int PrimaryHeaderSize = 1;

    internal const byte FollowBit = 0x80;

    private readonly ReadOnlySpan<byte> _payload;
    private readonly int _primaryOffset;

    private RedundantPayload(ReadOnlySpan<byte> payload, int count, int primaryOffset)
    {
        _payload = payload;
        RedundantCount = count;
        _primaryOffset = primaryOffset;
    }

    /// <summary>Blocks before the primary one; 0 when nothing is repeated.</summary>
    public int RedundantCount { get; }

    public PayloadType PrimaryPayloadType => new((byte)(_payload[RedundantCount * HeaderSize] & 0x7F));

    /// <summary>At least one byte.</summary>
    public ReadOnlySpan<byte> Primary => _payload[_primaryOffset..];

    /// <summary>An earlier block, in the order they are written: the oldest first.</summary>
    public RedundantBlock this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)RedundantCount);
            var offset = RedundantCount * HeaderSize + PrimaryHeaderSize;
            for (var before = 0; before < index; before++)
                offset += LengthOf(HeaderOf(before));
            var header = HeaderOf(index);
            return new(new((byte)((header >> 24) & 0x7F)), (header >> 10) & 0x3FFF, _payload.Slice(offset, LengthOf(header)));
        }
    }

    /// <summary>Every block is of one codec, as "111/111" in a=fmtp says.</summary>
    public bool IsAllOf(PayloadType payloadType)
    {
        for (var i = 0; i < RedundantCount; i++)
        {
            if ((_payload[i * HeaderSize] & 0x7F) != payloadType.Value)
                return false;
        }
        return PrimaryPayloadType == payloadType;
    }

    public static bool TryParse(ReadOnlySpan<byte> payload, out RedundantPayload view, out ParseFailure failure)
    {
        view = default;
        failure = ParseFailure.Truncated;
        var count = 0;
        var redundantBytes = 0;
        var offset = 0;
        while (offset < payload.Length && (payload[offset] & FollowBit) != 0)
        {
            if (++count == MaximumBlocks)
            {
                failure = ParseFailure.TooMany;
                return false;
            }
            if (payload.Length < offset + HeaderSize)
                return false;
            redundantBytes += LengthOf(BinaryPrimitives.ReadUInt32BigEndian(payload[offset..]));
            offset += HeaderSize;
        }
        if (offset >= payload.Length)
            return false;
        var primaryOffset = offset + PrimaryHeaderSize + redundantBytes;
        if (primaryOffset >= payload.Length)
        {
            failure = ParseFailure.WrongLength;
            return false;
        }
        failure = ParseFailure.None;
        view = new(payload, count, primaryOffset);
        return true;
    }

    private uint HeaderOf(int index) => BinaryPrimitives.ReadUInt32BigEndian(_payload[(index * HeaderSize)..]);

    private static int LengthOf(uint header) => (int)(header & 0x3FF);
}

/// <summary>An earlier block that is sent once more.</summary>
/// <param name="payloadType">Of its codec.</param>
/// <param name="timestampOffset">How much earlier than the packet's timestamp it was captured, in units of the stream's clock: 14 bits.</param>
/// <param name="data">Up to 1023 bytes; may be none.</param>
public readonly ref struct RedundantBlock(PayloadType payloadType, uint timestampOffset, ReadOnlySpan<byte> data)
{
    /// <summary>What the 10 bits of length can say.</summary>
    public const int MaximumBytes = 1023;

    public PayloadType PayloadType { get; } = payloadType;

    public uint TimestampOffset { get; } = timestampOffset;

    public ReadOnlySpan<byte> Data { get; } = data;
}
