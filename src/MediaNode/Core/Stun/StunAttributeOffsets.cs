using System.Buffers.Binary;

namespace MediaNode.Core.Stun;

/// <summary>Where each attribute starts in a message; 0 means absent (the header is there). Values found have a checked length.</summary>
internal struct StunAttributeOffsets
{
    public int Username;
    public int Priority;
    public int UseCandidate;
    public int IceControlling;
    public int IceControlled;
    public int XorMappedAddress;
    public int ErrorCode;
    public int MessageIntegrity;
    public int Fingerprint;
    public int UnknownComprehensionRequired;

    public ParseFailure Find(ReadOnlySpan<byte> message)
    {
        for (var offset = StunWire.HeaderSize; offset < message.Length;)
        {
            // RFC 8489 section 14.7: FINGERPRINT must be the last attribute.
            if (Fingerprint != 0)
                return ParseFailure.WrongOrder;
            if (message.Length - offset < StunWire.AttributeHeaderSize)
                return ParseFailure.Truncated;
            var type = BinaryPrimitives.ReadUInt16BigEndian(message[offset..]);
            var length = BinaryPrimitives.ReadUInt16BigEndian(message[(offset + 2)..]);
            var next = offset + StunWire.AttributeHeaderSize + StunWire.Padded(length);
            if (next > message.Length)
                return ParseFailure.Truncated;
            var failure = Note(type, offset, message.Slice(offset + StunWire.AttributeHeaderSize, length));
            if (failure != ParseFailure.None)
                return failure;
            offset = next;
        }

        return ParseFailure.None;
    }

    private ParseFailure Note(ushort type, int offset, ReadOnlySpan<byte> value)
    {
        if (type == StunAttributeType.Fingerprint)
            return NoteFirst(ref Fingerprint, offset, value.Length == StunWire.FingerprintSize);
        // RFC 8489 section 14.5: whatever follows MESSAGE-INTEGRITY is not authenticated, and ignored.
        if (MessageIntegrity != 0)
            return ParseFailure.None;
        switch (type)
        {
            case StunAttributeType.MessageIntegrity:
                return NoteFirst(ref MessageIntegrity, offset, value.Length == StunWire.IntegritySize);
            case StunAttributeType.Username:
                // RFC 8489 section 14.3: fewer than 509 bytes.
                return NoteFirst(ref Username, offset, value.Length < 509);
            case StunAttributeType.Priority:
                return NoteFirst(ref Priority, offset, value.Length == 4);
            case StunAttributeType.UseCandidate:
                return NoteFirst(ref UseCandidate, offset, value.Length == 0);
            case StunAttributeType.IceControlling:
                return NoteFirst(ref IceControlling, offset, value.Length == 8);
            case StunAttributeType.IceControlled:
                return NoteFirst(ref IceControlled, offset, value.Length == 8);
            case StunAttributeType.XorMappedAddress:
                return NoteFirst(ref XorMappedAddress, offset, StunAddressFamily.IsAddress(value));
            case StunAttributeType.ErrorCode:
                return NoteFirst(ref ErrorCode, offset, value.Length >= 4);
            default:
                if (StunAttributeType.IsComprehensionRequired(type) && !StunAttributeType.IsKnown(type))
                    UnknownComprehensionRequired++;
                return ParseFailure.None;
        }
    }

    /// <summary>RFC 8489 section 14: of repeated attributes only the first counts.</summary>
    private static ParseFailure NoteFirst(ref int slot, int offset, bool isValid)
    {
        if (!isValid)
            return ParseFailure.WrongLength;
        if (slot == 0)
            slot = offset;
        return ParseFailure.None;
    }
}

/// <summary>Address families of (XOR-)MAPPED-ADDRESS (RFC 8489 section 14.1).</summary>
internal static class StunAddressFamily
{
    public const byte IPv4 = 1;
    public const byte IPv6 = 2;

    public static bool IsAddress(ReadOnlySpan<byte> value) =>
        (value.Length == 8 && value[1] == IPv4) || (value.Length == 20 && value[1] == IPv6);
}
