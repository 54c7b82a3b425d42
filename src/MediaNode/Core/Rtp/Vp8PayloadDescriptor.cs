using System.Buffers.Binary;

namespace MediaNode.Core.Rtp;

/// <summary>The VP8 payload descriptor (RFC 7741 section 4.2).</summary>
public readonly record struct Vp8PayloadDescriptor
{
    private const byte ExtendedBit = 0x80;
    private const byte StartBit = 0x10;

    /// <summary>Bytes before the VP8 payload.</summary>
    public int Length { get; private init; }

    public bool IsNonReference { get; private init; }

    /// <summary>The S bit: first packet of a partition.</summary>
    public bool StartsPartition { get; private init; }

    public byte PartitionIndex { get; private init; }

    /// <summary>7 or 15 bits, see <see cref="HasLongPictureId"/>; null when absent.</summary>
    public ushort? PictureId { get; private init; }

    public bool HasLongPictureId { get; private init; }

    public byte? Tl0PictureIndex { get; private init; }

    /// <summary>Temporal layer, 0 to 3; null when absent.</summary>
    public byte? TemporalId { get; private init; }

    /// <summary>The Y bit: the frame depends on the base layer only, so a receiver may switch up to this layer here.</summary>
    public bool IsLayerSync { get; private init; }

    /// <summary>5 bits; null when absent.</summary>
    public byte? KeyIndex { get; private init; }

    /// <summary>First packet of a frame: partition 0 starts here.</summary>
    public bool StartsFrame => StartsPartition && PartitionIndex == 0;

    /// <summary>Where the picture id stands in the payload, 0 when absent. For <see cref="Vp8PayloadEditor"/>.</summary>
    internal int PictureIdOffset { get; private init; }

    internal int Tl0PictureIndexOffset { get; private init; }

    internal int KeyIndexOffset { get; private init; }

    public static bool TryParse(ReadOnlySpan<byte> payload, out Vp8PayloadDescriptor descriptor, out ParseFailure failure)
    {
        descriptor = default;
        failure = ParseFailure.Truncated;
        if (payload.IsEmpty)
            return false;
        var parsed = new Vp8PayloadDescriptor
        {
            Length = 1,
            IsNonReference = (payload[0] & 0x20) != 0,
            StartsPartition = (payload[0] & StartBit) != 0,
            PartitionIndex = (byte)(payload[0] & 0x07),
        };
        if ((payload[0] & ExtendedBit) != 0 && !TryParseExtension(payload, ref parsed))
            return false;
        // RFC 7741 section 4.4: a packet carries at least one byte of the frame.
        if (payload.Length <= parsed.Length)
            return false;
        descriptor = parsed;
        failure = ParseFailure.None;
        return true;
    }

    private static bool TryParseExtension(ReadOnlySpan<byte> payload, ref Vp8PayloadDescriptor parsed)
    {
        if (payload.Length < 2)
            return false;
        var bits = payload[1];
        var offset = 2;
        if ((bits & 0x80) != 0)
        {
            if (payload.Length <= offset)
                return false;
            var isLong = (payload[offset] & 0x80) != 0;
            if (payload.Length < offset + (isLong ? 2 : 1))
                return false;
            parsed = parsed with
            {
                PictureIdOffset = offset,
                HasLongPictureId = isLong,
                PictureId = isLong ? (ushort)(BinaryPrimitives.ReadUInt16BigEndian(payload[offset..]) & 0x7FFF) : payload[offset],
            };
            offset += isLong ? 2 : 1;
        }

        if ((bits & 0x40) != 0)
        {
            if (payload.Length <= offset)
                return false;
            parsed = parsed with { Tl0PictureIndexOffset = offset, Tl0PictureIndex = payload[offset] };
            offset++;
        }

        if ((bits & 0x30) != 0)
        {
            if (payload.Length <= offset)
                return false;
            parsed = WithLayer(parsed, bits, payload[offset], offset);
            offset++;
        }

        parsed = parsed with { Length = offset };
        return true;
    }

    private static Vp8PayloadDescriptor WithLayer(Vp8PayloadDescriptor parsed, byte bits, byte value, int offset)
    {
        if ((bits & 0x20) != 0)
            parsed = parsed with { TemporalId = (byte)(value >> 6), IsLayerSync = (value & 0x20) != 0 };
        if ((bits & 0x10) != 0)
            parsed = parsed with { KeyIndex = (byte)(value & 0x1F), KeyIndexOffset = offset };
        return parsed;
    }
}
