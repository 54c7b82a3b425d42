namespace MediaNode.Core.Stun;

/// <summary>Class of a STUN message (RFC 8489 section 5).</summary>
public enum StunClass
{
    Request = 0,
    Indication = 1,
    SuccessResponse = 2,
    ErrorResponse = 3,
}

/// <summary>Method of a STUN message; ICE knows only Binding.</summary>
public enum StunMethod
{
    Binding = 1,
}

/// <summary>The 14 bits that hold method and class interleaved (RFC 8489 figure 3).</summary>
internal static class StunMessageType
{
    public static ushort Encode(StunMethod method, StunClass messageClass)
    {
        var (m, c) = ((int)method, (int)messageClass);
        return (ushort)((m & 0x0F) | ((m & 0x70) << 1) | ((m & 0xF80) << 2) | ((c & 1) << 4) | ((c & 2) << 7));
    }

    public static StunMethod Method(ushort type) => (StunMethod)((type & 0x0F) | ((type >> 1) & 0x70) | ((type >> 2) & 0xF80));

    public static StunClass Class(ushort type) => (StunClass)(((type >> 4) & 1) | ((type >> 7) & 2));
}
