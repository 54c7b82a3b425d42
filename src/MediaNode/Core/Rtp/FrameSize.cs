using System.Buffers.Binary;

namespace MediaNode.Core.Rtp;

/// <summary>Size of a picture in pixels.</summary>
public readonly record struct FrameSize(ushort Width, ushort Height)
{
    /// <summary>RFC 6386 section 9.1: three bytes of frame tag, the start code, then width and height of 14 bits each.</summary>
    private const int Vp8HeaderLength = 10;

    public int Pixels => Width * Height;

    /// <summary>The size that a VP8 key frame announces; null when the packet is not the first of one.</summary>
    public static FrameSize? OfVp8KeyFrame(ReadOnlySpan<byte> payload)
    {
        if (!Vp8PayloadDescriptor.TryParse(payload, out var descriptor, out _) || !descriptor.StartsFrame)
            return null;
        var frame = payload[descriptor.Length..];
        if (frame.Length < Vp8HeaderLength || (frame[0] & 1) != 0 || frame[3] != 0x9D || frame[4] != 0x01 || frame[5] != 0x2A)
            return null;
        return new(
            (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(frame[6..]) & 0x3FFF),
            (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(frame[8..]) & 0x3FFF));
    }
}
