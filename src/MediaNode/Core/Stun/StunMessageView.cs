using System.Buffers.Binary;
using System.Security.Cryptography;
using MediaNode.Core.Net;

namespace MediaNode.Core.Stun;

/// <summary>A STUN message in the datagram it came in (RFC 8489), with the attributes of ICE (RFC 8445). One pass finds them all.</summary>
public readonly ref struct StunMessageView
{
    private readonly ReadOnlySpan<byte> _message;
    private readonly StunAttributeOffsets _at;

    private StunMessageView(ReadOnlySpan<byte> message, StunAttributeOffsets at)
    {
        _message = message;
        _at = at;
    }

    /// <summary>Bytes of the whole message.</summary>
    public int Length => _message.Length;

    public StunMethod Method => StunMessageType.Method(BinaryPrimitives.ReadUInt16BigEndian(_message));

    public StunClass Class => StunMessageType.Class(BinaryPrimitives.ReadUInt16BigEndian(_message));

    public StunTransactionId TransactionId => StunTransactionId.Read(_message[8..]);

    /// <summary>The bytes of USERNAME, for a check "receiver's ufrag:sender's ufrag"; empty when absent.</summary>
    public ReadOnlySpan<byte> Username => Value(_at.Username);

    public uint? Priority => _at.Priority == 0 ? null : BinaryPrimitives.ReadUInt32BigEndian(Value(_at.Priority));

    public bool UseCandidate => _at.UseCandidate != 0;

    /// <summary>The sender's tie-breaker when it believes to be controlling.</summary>
    public ulong? IceControlling => _at.IceControlling == 0 ? null : BinaryPrimitives.ReadUInt64BigEndian(Value(_at.IceControlling));

    /// <summary>The sender's tie-breaker when it believes to be controlled.</summary>
    public ulong? IceControlled => _at.IceControlled == 0 ? null : BinaryPrimitives.ReadUInt64BigEndian(Value(_at.IceControlled));

    public bool HasMessageIntegrity => _at.MessageIntegrity != 0;

    /// <summary>True when FINGERPRINT was present; its value has been checked.</summary>
    public bool HasFingerprint => _at.Fingerprint != 0;

    /// <summary>The code of an error response, such as 487; null when absent.</summary>
    public int? ErrorCode
    {
        get
        {
            if (_at.ErrorCode == 0)
                return null;
            var value = Value(_at.ErrorCode);
            return (value[2] & 7) * 100 + value[3];
        }
    }

    public bool HasUnknownComprehensionRequired => _at.UnknownComprehensionRequired > 0;

    /// <summary>Reads XOR-MAPPED-ADDRESS (RFC 8489 section 14.2).</summary>
    public bool TryGetXorMappedAddress(out TransportAddress address)
    {
        address = default;
        if (_at.XorMappedAddress == 0)
            return false;
        var value = Value(_at.XorMappedAddress);
        var port = (ushort)(BinaryPrimitives.ReadUInt16BigEndian(value[2..]) ^ (StunWire.MagicCookie >> 16));
        if (value[1] == StunAddressFamily.IPv4)
        {
            address = TransportAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(value[4..]) ^ StunWire.MagicCookie, port);
            return true;
        }

        Span<byte> plain = stackalloc byte[TransportAddress.AddressSize];
        value[4..].CopyTo(plain);
        StunWire.XorAddress(plain, _message[4..]);
        address = TransportAddress.FromIPv6(plain, port);
        return true;
    }

    /// <summary>Copies the types that a 420 response lists; as many as fit.</summary>
    /// <returns>How many were copied.</returns>
    public int CopyUnknownComprehensionRequired(Span<ushort> destination)
    {
        var count = 0;
        var end = _at.MessageIntegrity == 0 ? _message.Length : _at.MessageIntegrity;
        for (var offset = StunWire.HeaderSize; offset < end && count < destination.Length;)
        {
            var type = BinaryPrimitives.ReadUInt16BigEndian(_message[offset..]);
            if (StunAttributeType.IsComprehensionRequired(type) && !StunAttributeType.IsKnown(type))
                destination[count++] = type;
            offset += StunWire.AttributeHeaderSize + StunWire.Padded(BinaryPrimitives.ReadUInt16BigEndian(_message[(offset + 2)..]));
        }

        return count;
    }

    /// <summary>Checks MESSAGE-INTEGRITY in constant time. False when it is absent.</summary>
    /// <param name="key">The UTF-8 bytes of the ICE password (RFC 8489 section 9.1.1: short-term credentials).</param>
    public bool VerifyIntegrity(ReadOnlySpan<byte> key)
    {
        if (_at.MessageIntegrity == 0)
            return false;
        Span<byte> expected = stackalloc byte[StunWire.IntegritySize];
        StunWire.Integrity(_message[.._at.MessageIntegrity], key, expected);
        return CryptographicOperations.FixedTimeEquals(expected, Value(_at.MessageIntegrity));
    }

    public static bool TryParse(ReadOnlySpan<byte> datagram, out StunMessageView view, out ParseFailure failure)
    {
        view = default;
        failure = CheckHeader(datagram);
        if (failure != ParseFailure.None)
            return false;
        var at = default(StunAttributeOffsets);
        failure = at.Find(datagram);
        if (failure != ParseFailure.None)
            return false;
        if (at.Fingerprint != 0 && BinaryPrimitives.ReadUInt32BigEndian(datagram[(at.Fingerprint + StunWire.AttributeHeaderSize)..]) != StunWire.Fingerprint(datagram[..at.Fingerprint]))
        {
            failure = ParseFailure.WrongChecksum;
            return false;
        }

        view = new StunMessageView(datagram, at);
        return true;
    }

    private static ParseFailure CheckHeader(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < StunWire.HeaderSize)
            return ParseFailure.Truncated;
        if (datagram.Length > StunWire.MaximumMessageSize)
            return ParseFailure.WrongLength;
        if ((datagram[0] & 0xC0) != 0)
            return ParseFailure.WrongType;
        if (BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) != StunWire.MagicCookie)
            return ParseFailure.WrongVersion;
        var length = BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]);
        return length % 4 == 0 && length == datagram.Length - StunWire.HeaderSize ? ParseFailure.None : ParseFailure.WrongLength;
    }

    private ReadOnlySpan<byte> Value(int offset)
    {
        if (offset == 0)
            return default;
        var length = BinaryPrimitives.ReadUInt16BigEndian(_message[(offset + 2)..]);
        return _message.Slice(offset + StunWire.AttributeHeaderSize, length);
    }
}
