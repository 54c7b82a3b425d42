using System.Buffers.Binary;

namespace MediaNode.Core.Rtp;

/// <summary>Tells whether a packet begins a picture that can be decoded without any earlier one.</summary>
public static class KeyFrame
{
    private const int H264IdrSlice = 5;
    private const int H264SequenceParameterSet = 7;
    private const int H264SingleTimeAggregation = 24;
    private const int H264FragmentationUnit = 28;

    /// <summary>False for audio and for a payload that is no valid packet of the codec.</summary>
    public static bool IsStart(Codec codec, ReadOnlySpan<byte> payload) => codec switch
    {
        Codec.Vp8 => IsVp8Start(payload),
        Codec.Vp9 => Vp9PayloadDescriptor.TryParse(payload, out var descriptor, out _) && descriptor.StartsKeyFrame,
        Codec.H264 => IsH264Start(payload),
        Codec.Av1 => IsAv1Start(payload),
        _ => false,
    };

    /// <summary>RFC 7741 section 4.3: the inverse key-frame flag is the lowest bit of the frame's first byte.</summary>
    private static bool IsVp8Start(ReadOnlySpan<byte> payload) =>
        Vp8PayloadDescriptor.TryParse(payload, out var descriptor, out _) && descriptor.StartsFrame && (payload[descriptor.Length] & 1) == 0;

    /// <summary>
    /// RFC 6184 sections 5.6, 5.7.1 and 5.8: an IDR slice or the sequence parameter set that precedes it, alone, in a STAP-A, or as the
    /// first fragment of an FU-A.
    /// </summary>
    private static bool IsH264Start(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
            return false;
        var type = payload[0] & 0x1F;
        return type switch
        {
            H264SingleTimeAggregation => HasKeyUnit(payload[1..]),
            H264FragmentationUnit => payload.Length > 1 && (payload[1] & 0x80) != 0 && IsKeyUnit(payload[1] & 0x1F),
            _ => IsKeyUnit(type),
        };
    }

    private static bool HasKeyUnit(ReadOnlySpan<byte> units)
    {
        // Ends: each turn takes at least three bytes.
        while (units.Length > 2)
        {
            var size = BinaryPrimitives.ReadUInt16BigEndian(units);
            if (size == 0 || size > units.Length - 2)
                return false;
            if (IsKeyUnit(units[2] & 0x1F))
                return true;
            units = units[(2 + size)..];
        }

        return false;
    }

    private static bool IsKeyUnit(int type) => type is H264IdrSlice or H264SequenceParameterSet;

    /// <summary>AV1 RTP payload format section 4.4: the N bit marks the first packet of a coded video sequence; Z says that it goes on with an earlier unit.</summary>
    private static bool IsAv1Start(ReadOnlySpan<byte> payload) => payload.Length > 1 && (payload[0] & 0x08) != 0 && (payload[0] & 0x80) == 0;
}
