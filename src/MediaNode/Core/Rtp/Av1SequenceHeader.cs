namespace MediaNode.Core.Rtp;

/// <summary>The size of the largest pictures in the sequence header of an AV1 key frame (AV1 specification, section 5.5), which comes in its first packet.</summary>
internal static class Av1SequenceHeader
{
    private const int ObuSequenceHeader = 1;

    /// <summary>AV1 specification, section 4.10.5: bytes of a leb128() at most.</summary>
    private const int MaximumLengthBytes = 8;

    /// <summary>Section 5.5.1: from this level on there are two tiers.</summary>
    private const int FirstLevelWithTiers = 8;

    /// <summary>The default when the packet has no sequence header, or one that is not valid.</summary>
    public static FrameSize FindSize(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
            return default;
        // AV1 RTP payload format, section 4.4: Z Y W W N; W is the count of OBU elements, of which the last has no length. 0: any number, all with lengths.
        var count = (payload[0] >> 4) & 3;
        var elements = payload[1..];
        // Ends: an element of no length takes the byte that says so.
        for (var i = 1; !elements.IsEmpty; i++)
        {
            var length = elements.Length;
            if (i != count && !TryReadLength(ref elements, out length))
                return default;
            if (IsSequenceHeader(elements[..length], out var header))
                return Read(header);
            elements = elements[length..];
        }
        return default;
    }

    private static bool IsSequenceHeader(ReadOnlySpan<byte> obu, out ReadOnlySpan<byte> header)
    {
        header = default;
        if (obu.IsEmpty || ((obu[0] >> 3) & 0xF) != ObuSequenceHeader)
            return false;
        var (hasExtension, hasSize) = ((obu[0] & 4) != 0, (obu[0] & 2) != 0);
        var offset = hasExtension ? 2 : 1;
        if (obu.Length < offset)
            return false;
        header = obu[offset..];
        return !hasSize || TryReadLength(ref header, out _);
    }

    /// <summary>leb128().</summary>
    /// <returns>False when there is no such length, or less than that follows.</returns>
    private static bool TryReadLength(ref ReadOnlySpan<byte> data, out int length)
    {
        var value = 0ul;
        length = 0;
        for (var i = 0; i < MaximumLengthBytes && i < data.Length; i++)
        {
            value |= (ulong)(data[i] & 0x7F) << (7 * i);
            if ((data[i] & 0x80) != 0)
                continue;
            data = data[(i + 1)..];
            length = (int)Math.Min(value, int.MaxValue);
            return value <= (ulong)data.Length;
        }
        return false;
    }

    private static FrameSize Read(ReadOnlySpan<byte> header)
    {
        var bits = new BitReader(header);
        bits.Read(3);
        bits.ReadFlag();
        var isReduced = bits.ReadFlag();
        if (isReduced)
            bits.Read(5);
        else
            SkipOperatingPoints(ref bits);
        var widthBits = (int)bits.Read(4) + 1;
        var heightBits = (int)bits.Read(4) + 1;
        var (width, height) = (bits.Read(widthBits) + 1, bits.Read(heightBits) + 1);
        return bits.IsOverrun || width > ushort.MaxValue || height > ushort.MaxValue ? default : new((ushort)width, (ushort)height);
    }

    private static void SkipOperatingPoints(ref BitReader bits)
    {
        var delayBits = 0;
        if (bits.ReadFlag())
            SkipTiming(ref bits, ref delayBits);
        var hasInitialDelay = bits.ReadFlag();
        var points = bits.Read(5) + 1;
        for (var i = 0; i < points; i++)
        {
            bits.Read(12);
            if (bits.Read(5) >= FirstLevelWithTiers)
                bits.ReadFlag();
            if (delayBits > 0 && bits.ReadFlag())
            {
                bits.Read(delayBits);
                bits.Read(delayBits);
                bits.ReadFlag();
            }
            if (hasInitialDelay && bits.ReadFlag())
                bits.Read(4);
        }
    }

    /// <param name="bits">After timing_info_present_flag.</param>
    /// <param name="delayBits">Stays 0 without a decoder model.</param>
    private static void SkipTiming(ref BitReader bits, ref int delayBits)
    {
        bits.Read(32);
        bits.Read(32);
        if (bits.ReadFlag())
            bits.ReadExponentialGolomb();
        if (!bits.ReadFlag())
            return;
        delayBits = (int)bits.Read(5) + 1;
        bits.Read(32);
        bits.Read(10);
    }
}
