using System.Buffers.Binary;

namespace MediaNode.Core.Rtp;

/// <summary>The scalability structure of a VP9 payload descriptor (RFC 9628 section 4.2.1), which comes with key frames.</summary>
internal static class Vp9ScalabilityStructure
{
    private const int SizeLength = 4;

    /// <returns>Spatial layers whose size was read; a layer that is not sent has none, 0 by 0.</returns>
    public static int ReadSizes(ReadOnlySpan<byte> payload, Span<FrameSize> sizes)
    {
        if (!Vp9PayloadDescriptor.TryParse(payload, out var descriptor, out _) || descriptor.ScalabilityStructureOffset == 0)
            return 0;
        var structure = payload[descriptor.ScalabilityStructureOffset..descriptor.Length];
        // N_S, then Y: sizes follow.
        if ((structure[0] & 0x10) == 0)
            return 0;
        var count = Math.Min((structure[0] >> 5) + 1, sizes.Length);
        for (var i = 0; i < count; i++)
        {
            var size = structure[(1 + SizeLength * i)..];
            sizes[i] = new(BinaryPrimitives.ReadUInt16BigEndian(size), BinaryPrimitives.ReadUInt16BigEndian(size[2..]));
        }
        return count;
    }
}
