namespace MediaNode.Core.Stun;

/// <summary>Attribute types that ICE connectivity checks use (RFC 8489 section 14, RFC 8445 section 7.1).</summary>
public static class StunAttributeType
{
    public const ushort MappedAddress = 0x0001;
    public const ushort Username = 0x0006;
    public const ushort MessageIntegrity = 0x0008;
    public const ushort ErrorCode = 0x0009;
    public const ushort UnknownAttributes = 0x000A;
    public const ushort XorMappedAddress = 0x0020;
    public const ushort Priority = 0x0024;
    public const ushort UseCandidate = 0x0025;
    public const ushort Software = 0x8022;
    public const ushort Fingerprint = 0x8028;
    public const ushort IceControlled = 0x8029;
    public const ushort IceControlling = 0x802A;

    /// <summary>RFC 8489 section 14: types below 0x8000 must be understood, else the message is refused.</summary>
    internal static bool IsComprehensionRequired(ushort type) => type < 0x8000;

    internal static bool IsKnown(ushort type) => type is MappedAddress or Username or MessageIntegrity or ErrorCode
        or UnknownAttributes or XorMappedAddress or Priority or UseCandidate;
}
