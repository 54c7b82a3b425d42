using System.Buffers.Binary;
using System.Text;
using MediaNode.Core.Net;

namespace MediaNode.Core.Stun;

/// <summary>
/// Writes one STUN message into a caller's buffer, attribute by attribute in the order of the calls. The header's length field is
/// right after each call. A buffer that is too small is a broken invariant: <see cref="RecommendedBufferSize"/> holds every message of ICE.
/// </summary>
public ref struct StunMessageWriter
{
    /// <summary>Bytes: the longest USERNAME (513 characters by RFC 8445, less than 509 by RFC 8489) and all other attributes of ICE.</summary>
    public const int RecommendedBufferSize = 768;

    private readonly Span<byte> _buffer;

    public StunMessageWriter(Span<byte> buffer, StunMethod method, StunClass messageClass, StunTransactionId transactionId)
    {
        _buffer = buffer[..Math.Min(buffer.Length, StunWire.MaximumMessageSize)];
        Length = StunWire.HeaderSize;
        BinaryPrimitives.WriteUInt16BigEndian(_buffer, StunMessageType.Encode(method, messageClass));
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[2..], 0);
        BinaryPrimitives.WriteUInt32BigEndian(_buffer[4..], StunWire.MagicCookie);
        transactionId.CopyTo(_buffer[8..]);
    }

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    public void WriteUsername(scoped ReadOnlySpan<byte> utf8) => utf8.CopyTo(Reserve(StunAttributeType.Username, utf8.Length));

    public void WriteUsername(string receiverUfrag, string senderUfrag)
    {
        ArgumentNullException.ThrowIfNull(receiverUfrag);
        ArgumentNullException.ThrowIfNull(senderUfrag);
        // ice-char is ASCII (RFC 8839 section 5.4), so characters are bytes.
        var value = Reserve(StunAttributeType.Username, receiverUfrag.Length + 1 + senderUfrag.Length);
        Encoding.ASCII.GetBytes(receiverUfrag, value);
        value[receiverUfrag.Length] = (byte)':';
        Encoding.ASCII.GetBytes(senderUfrag, value[(receiverUfrag.Length + 1)..]);
    }

    public void WritePriority(uint priority) => BinaryPrimitives.WriteUInt32BigEndian(Reserve(StunAttributeType.Priority, 4), priority);

    public void WriteUseCandidate() => Reserve(StunAttributeType.UseCandidate, 0);

    public void WriteIceControlling(ulong tieBreaker) => BinaryPrimitives.WriteUInt64BigEndian(Reserve(StunAttributeType.IceControlling, 8), tieBreaker);

    public void WriteIceControlled(ulong tieBreaker) => BinaryPrimitives.WriteUInt64BigEndian(Reserve(StunAttributeType.IceControlled, 8), tieBreaker);

    /// <summary>RFC 8489 section 14.2.</summary>
    public void WriteXorMappedAddress(in TransportAddress address)
    {
        var value = Reserve(StunAttributeType.XorMappedAddress, address.IsIPv4 ? 8 : 20);
        value[0] = 0;
        value[1] = address.IsIPv4 ? StunAddressFamily.IPv4 : StunAddressFamily.IPv6;
        BinaryPrimitives.WriteUInt16BigEndian(value[2..], (ushort)(address.Port ^ (StunWire.MagicCookie >> 16)));
        if (address.IsIPv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(value[4..], address.IPv4Value ^ StunWire.MagicCookie);
            return;
        }

        address.CopyIPv6To(value[4..]);
        StunWire.XorAddress(value[4..], _buffer[4..]);
    }

    /// <summary>RFC 8489 section 14.8.</summary>
    public void WriteErrorCode(int code)
    {
        var reason = StunErrorCode.Reason(code);
        var value = Reserve(StunAttributeType.ErrorCode, 4 + reason.Length);
        value[0] = value[1] = 0;
        value[2] = (byte)(code / 100);
        value[3] = (byte)(code % 100);
        reason.CopyTo(value[4..]);
    }

    /// <summary>RFC 8489 section 14.9: the attributes that a 420 complains about.</summary>
    public void WriteUnknownAttributes(scoped ReadOnlySpan<ushort> types)
    {
        var value = Reserve(StunAttributeType.UnknownAttributes, types.Length * 2);
        for (var i = 0; i < types.Length; i++)
            BinaryPrimitives.WriteUInt16BigEndian(value[(2 * i)..], types[i]);
    }

    /// <param name="key">The UTF-8 bytes of the password: of the receiver for a request, of the sender for a response.</param>
    public void WriteMessageIntegrity(scoped ReadOnlySpan<byte> key)
    {
        var before = Length;
        var value = Reserve(StunAttributeType.MessageIntegrity, StunWire.IntegritySize);
        StunWire.Integrity(_buffer[..before], key, value);
    }

    /// <summary>Must be the last attribute.</summary>
    public void WriteFingerprint()
    {
        var before = Length;
        var value = Reserve(StunAttributeType.Fingerprint, StunWire.FingerprintSize);
        BinaryPrimitives.WriteUInt32BigEndian(value, StunWire.Fingerprint(_buffer[..before]));
    }

    private Span<byte> Reserve(ushort type, int length)
    {
        var attribute = _buffer.Slice(Length, StunWire.AttributeHeaderSize + StunWire.Padded(length));
        BinaryPrimitives.WriteUInt16BigEndian(attribute, type);
        BinaryPrimitives.WriteUInt16BigEndian(attribute[2..], (ushort)length);
        attribute[(StunWire.AttributeHeaderSize + length)..].Clear();
        Length += attribute.Length;
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[2..], (ushort)(Length - StunWire.HeaderSize));
        return attribute.Slice(StunWire.AttributeHeaderSize, length);
    }
}
