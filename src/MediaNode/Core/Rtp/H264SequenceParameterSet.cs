using System.Buffers.Binary;

namespace MediaNode.Core.Rtp;

/// <summary>The size of the pictures in an H.264 sequence parameter set (H.264 section 7.3.2.1.1), alone in a packet or first in a STAP-A (RFC 6184 section 5.7.1).</summary>
internal static class H264SequenceParameterSet
{
    private const int SequenceParameterSet = 7;
    private const int SingleTimeAggregation = 24;

    /// <summary>More than what stands before the size, even with scaling matrices.</summary>
    private const int MaximumLength = 512;

    /// <summary>H.264 sections 7.4.2.1.1 and A.3: what a syntax element may say at most.</summary>
    private const int MaximumReferencesInCycle = 255;
    private const int MaximumMacroblocks = ushort.MaxValue / MacroblockSize;
    private const int MacroblockSize = 16;

    /// <summary>The default when the packet has no parameter set, or one that is not valid.</summary>
    public static FrameSize FindSize(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
            return default;
        if ((payload[0] & 0x1F) == SequenceParameterSet)
            return Read(payload[1..]);
        if ((payload[0] & 0x1F) != SingleTimeAggregation)
            return default;
        var units = payload[1..];
        // Ends: each turn takes at least three bytes.
        while (units.Length > 2)
        {
            var size = BinaryPrimitives.ReadUInt16BigEndian(units);
            if (size == 0 || size > units.Length - 2)
                return default;
            if ((units[2] & 0x1F) == SequenceParameterSet)
                return Read(units[3..(2 + size)]);
            units = units[(2 + size)..];
        }
        return default;
    }

    private static FrameSize Read(ReadOnlySpan<byte> unit)
    {
        Span<byte> buffer = stackalloc byte[MaximumLength];
        var bits = new BitReader(Unescape(unit, buffer));
        var profile = bits.Read(8);
        bits.Read(16);
        bits.ReadExponentialGolomb();
        var (chroma, isSeparate) = HasChroma(profile) ? ReadChroma(ref bits) : (1u, false);
        bits.ReadExponentialGolomb();
        SkipOrder(ref bits);
        bits.ReadExponentialGolomb();
        bits.ReadFlag();
        return ReadSize(ref bits, isSeparate ? 0 : chroma);
    }

    private static FrameSize ReadSize(ref BitReader bits, uint chroma)
    {
        var columns = (long)bits.ReadExponentialGolomb() + 1;
        var rows = (long)bits.ReadExponentialGolomb() + 1;
        var isProgressive = bits.ReadFlag();
        if (!isProgressive)
            bits.ReadFlag();
        bits.ReadFlag();
        rows *= isProgressive ? 1 : 2;
        var (left, right, top, bottom) = bits.ReadFlag()
            ? ((long)bits.ReadExponentialGolomb(), (long)bits.ReadExponentialGolomb(), (long)bits.ReadExponentialGolomb(), (long)bits.ReadExponentialGolomb())
            : default;
        if (bits.IsOverrun || columns > MaximumMacroblocks || rows > MaximumMacroblocks)
            return default;
        // Of what is cut off, equations 7-19 to 7-22: in units of a chroma sample, and of two lines with fields.
        var width = columns * MacroblockSize - (left + right) * (chroma is 1 or 2 ? 2 : 1);
        var height = rows * MacroblockSize - (top + bottom) * (chroma == 1 ? 2 : 1) * (isProgressive ? 1 : 2);
        return width > 0 && height > 0 ? new((ushort)width, (ushort)height) : default;
    }

    /// <summary>Section 7.3.2.1.1: the profiles with more to say about colours.</summary>
    private static bool HasChroma(uint profile) => profile is 100 or 110 or 122 or 244 or 44 or 83 or 86 or 118 or 128 or 138 or 139 or 134 or 135;

    private static (uint Format, bool IsSeparate) ReadChroma(ref BitReader bits)
    {
        const uint full = 3;
        var format = bits.ReadExponentialGolomb();
        var isSeparate = format == full && bits.ReadFlag();
        bits.ReadExponentialGolomb();
        bits.ReadExponentialGolomb();
        bits.ReadFlag();
        if (!bits.ReadFlag())
            return (format, isSeparate);
        for (var list = 0; list < (format == full ? 12 : 8); list++)
        {
            if (bits.ReadFlag())
                SkipScalingList(ref bits, list < 6 ? 16 : 64);
        }
        return (format, isSeparate);
    }

    /// <summary>Section 7.3.2.1.1.1.</summary>
    private static void SkipScalingList(ref BitReader bits, int length)
    {
        var last = 8;
        for (var i = 0; i < length; i++)
        {
            var next = (last + bits.ReadSignedExponentialGolomb()) & 0xFF;
            if (next == 0)
                return;
            last = next;
        }
    }

    /// <summary>The order of pictures.</summary>
    private static void SkipOrder(ref BitReader bits)
    {
        var type = bits.ReadExponentialGolomb();
        if (type == 0)
            bits.ReadExponentialGolomb();
        if (type != 1)
            return;
        bits.ReadFlag();
        bits.ReadExponentialGolomb();
        bits.ReadExponentialGolomb();
        var references = Math.Min(bits.ReadExponentialGolomb(), MaximumReferencesInCycle);
        for (var i = 0; i < references; i++)
            bits.ReadExponentialGolomb();
    }

    /// <summary>Section 7.4.1.1: a three after two zeros was put in so that nothing looks like a start code.</summary>
    private static ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> unit, Span<byte> buffer)
    {
        var (length, zeros) = (0, 0);
        foreach (var next in unit)
        {
            if (length == buffer.Length)
                break;
            var isInserted = zeros >= 2 && next == 3;
            zeros = next == 0 ? zeros + 1 : 0;
            if (!isInserted)
                buffer[length++] = next;
        }
        return buffer[..length];
    }
}
