using System.Buffers.Binary;

namespace MediaNode.Core.Rtp;

/// <summary>Reads the size of the pictures out of the packet that begins a key frame.</summary>
public static class FrameSizeReader
{
    /// <summary>RFC 6386 section 9.1: three bytes of frame tag, the start code, then width and height of 14 bits each.</summary>
    private const int Vp8HeaderLength = 10;

    /// <param name="codec">Of the payload.</param>
    /// <param name="payload">Of the first packet of a key frame; of any other nothing is read.</param>
    /// <param name="sizes">Receives the size of each spatial layer, as far as there is room; without spatial layers the first is the picture's.</param>
    /// <returns>How many were written. Some of them may be unknown: of AV1 without a dependency descriptor only the largest is told, and comes alone.</returns>
    public static int Read(Codec codec, ReadOnlySpan<byte> payload, Span<FrameSize> sizes) => codec switch
    {
        Codec.Vp8 => One(OfVp8(payload), sizes),
        Codec.Vp9 => Vp9ScalabilityStructure.ReadSizes(payload, sizes),
        Codec.H264 => One(H264SequenceParameterSet.FindSize(payload), sizes),
        Codec.Av1 => One(Av1SequenceHeader.FindSize(payload), sizes),
        _ => 0,
    };

    private static int One(FrameSize size, Span<FrameSize> sizes)
    {
        if (!size.IsKnown || sizes.IsEmpty)
            return 0;
        sizes[0] = size;
        return 1;
    }

    private static FrameSize OfVp8(ReadOnlySpan<byte> payload)
    {
        if (!Vp8PayloadDescriptor.TryParse(payload, out var descriptor, out _) || !descriptor.StartsFrame)
            return default;
        var frame = payload[descriptor.Length..];
        if (frame.Length < Vp8HeaderLength || (frame[0] & 1) != 0 || frame[3] != 0x9D || frame[4] != 0x01 || frame[5] != 0x2A)
            return default;
        return new(
            (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(frame[6..]) & 0x3FFF),
            (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(frame[8..]) & 0x3FFF));
    }
}
