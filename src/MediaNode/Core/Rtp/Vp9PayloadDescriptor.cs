using System.Buffers.Binary;

namespace MediaNode.Core.Rtp;

/// <summary>The VP9 payload descriptor (RFC 9628 section 4.2), as far as a forwarder needs it.</summary>
public readonly record struct Vp9PayloadDescriptor
{
    /// <summary>RFC 9628 section 4.2: P_DIFF repeats at most three times.</summary>
    private const int MaximumReferences = 3;

    /// <summary>Where the picture id stands when there is one. For <see cref="Vp9PayloadEditor"/>.</summary>
    internal const int PictureIdOffset = 1;

    /// <summary>Bytes before the VP9 payload.</summary>
    public int Length { get; private init; }

    /// <summary>The P bit: predicted from earlier pictures.</summary>
    public bool IsInterPicturePredicted { get; private init; }

    /// <summary>The F bit: references are named, there is no TL0PICIDX.</summary>
    public bool IsFlexible { get; private init; }

    /// <summary>The B bit: first packet of a layer frame.</summary>
    public bool StartsFrame { get; private init; }

    /// <summary>The E bit: last packet of a layer frame.</summary>
    public bool EndsFrame { get; private init; }

    /// <summary>7 or 15 bits, see <see cref="HasLongPictureId"/>; null when absent.</summary>
    public ushort? PictureId { get; private init; }

    public bool HasLongPictureId { get; private init; }

    public byte? Tl0PictureIndex { get; private init; }

    /// <summary>0 to 7; null without layer indices.</summary>
    public byte? TemporalId { get; private init; }

    /// <summary>0 to 7; null without layer indices.</summary>
    public byte? SpatialId { get; private init; }

    /// <summary>The U bit: a receiver may switch up to this temporal layer here.</summary>
    public bool IsSwitchingUpPoint { get; private init; }

    /// <summary>The D bit: predicted from the spatial layer below.</summary>
    public bool IsInterLayerPredicted { get; private init; }

    internal int Tl0PictureIndexOffset { get; private init; }

    /// <summary>0 without one.</summary>
    internal int ScalabilityStructureOffset { get; private init; }

    /// <summary>First packet of a picture that depends on no earlier one: its lowest layer, not predicted from other pictures.</summary>
    public bool StartsKeyFrame => StartsFrame && !IsInterPicturePredicted && SpatialId is (null or 0);

    public static bool TryParse(ReadOnlySpan<byte> payload, out Vp9PayloadDescriptor descriptor, out ParseFailure failure)
    {
        descriptor = default;
        failure = ParseFailure.Truncated;
        if (payload.IsEmpty)
            return false;
        var bits = payload[0];
        var offset = 1;
        var parsed = new Vp9PayloadDescriptor
        {
            IsInterPicturePredicted = (bits & 0x40) != 0,
            IsFlexible = (bits & 0x10) != 0,
            StartsFrame = (bits & 0x08) != 0,
            EndsFrame = (bits & 0x04) != 0,
        };
        if ((bits & 0x80) != 0 && !TryReadPictureId(payload, ref offset, ref parsed))
            return false;
        if ((bits & 0x20) != 0 && !TryReadLayers(payload, ref offset, ref parsed))
            return false;
        if (parsed.IsFlexible && parsed.IsInterPicturePredicted && !TrySkipReferences(payload, ref offset))
            return false;
        var structureOffset = (bits & 0x02) != 0 ? offset : 0;
        if (structureOffset > 0 && !TrySkipScalabilityStructure(payload, ref offset))
            return false;
        if (payload.Length <= offset)
            return false;
        descriptor = parsed with { Length = offset, ScalabilityStructureOffset = structureOffset };
        failure = ParseFailure.None;
        return true;
    }

    private static bool TryReadPictureId(ReadOnlySpan<byte> payload, ref int offset, ref Vp9PayloadDescriptor parsed)
    {
        if (payload.Length <= offset)
            return false;
        var isLong = (payload[offset] & 0x80) != 0;
        var size = isLong ? 2 : 1;
        if (payload.Length < offset + size)
            return false;
        parsed = parsed with
        {
            HasLongPictureId = isLong,
            PictureId = isLong ? (ushort)(BinaryPrimitives.ReadUInt16BigEndian(payload[offset..]) & 0x7FFF) : payload[offset],
        };
        offset += size;
        return true;
    }

    private static bool TryReadLayers(ReadOnlySpan<byte> payload, ref int offset, ref Vp9PayloadDescriptor parsed)
    {
        var size = parsed.IsFlexible ? 1 : 2;
        if (payload.Length < offset + size)
            return false;
        var bits = payload[offset];
        parsed = parsed with
        {
            TemporalId = (byte)(bits >> 5),
            IsSwitchingUpPoint = (bits & 0x10) != 0,
            SpatialId = (byte)((bits >> 1) & 7),
            IsInterLayerPredicted = (bits & 1) != 0,
            Tl0PictureIndex = parsed.IsFlexible ? null : payload[offset + 1],
            Tl0PictureIndexOffset = parsed.IsFlexible ? 0 : offset + 1,
        };
        offset += size;
        return true;
    }

    private static bool TrySkipReferences(ReadOnlySpan<byte> payload, ref int offset)
    {
        for (var i = 0; i < MaximumReferences; i++)
        {
            if (payload.Length <= offset)
                return false;
            // The N bit says that another one follows.
            if ((payload[offset++] & 1) == 0)
                return true;
        }

        return true;
    }

    /// <summary>RFC 9628 section 4.2.1.</summary>
    private static bool TrySkipScalabilityStructure(ReadOnlySpan<byte> payload, ref int offset)
    {
        if (payload.Length <= offset)
            return false;
        var bits = payload[offset++];
        if ((bits & 0x10) != 0)
            offset += 4 * ((bits >> 5) + 1);
        if ((bits & 0x08) == 0)
            return true;
        if (payload.Length <= offset)
            return false;
        var pictures = payload[offset++];
        for (var i = 0; i < pictures; i++)
        {
            if (payload.Length <= offset)
                return false;
            offset += 1 + ((payload[offset] >> 2) & 3);
        }

        return true;
    }
}
