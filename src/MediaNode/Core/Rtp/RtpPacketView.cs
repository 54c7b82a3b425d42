using System.Buffers.Binary;

namespace MediaNode.Core.Rtp;

/// <summary>An RTP packet in the buffer it came in (RFC 3550 section 5.1, header extensions RFC 8285).</summary>
public readonly ref struct RtpPacketView
{
    internal const int FixedHeaderSize = 12;
    private const int ExtensionHeaderSize = 4;

    private readonly ReadOnlySpan<byte> _packet;
    private readonly int _extensionOffset;
    private readonly int _payloadOffset;

    private RtpPacketView(ReadOnlySpan<byte> packet, int extensionOffset, int headerLength, int payloadOffset, int paddingLength)
    {
        _packet = packet;
        _extensionOffset = extensionOffset;
        _payloadOffset = payloadOffset;
        HeaderLength = headerLength;
        PaddingLength = paddingLength;
    }

    /// <summary>Bytes before the payload: fixed header, CSRCs and header extension.</summary>
    public int HeaderLength { get; }

    /// <summary>Bytes of padding behind the payload, the count byte included; 0 when there is none.</summary>
    public int PaddingLength { get; }

    public bool Marker => (_packet[1] & 0x80) != 0;

    public PayloadType PayloadType => new((byte)(_packet[1] & 0x7F));

    public ushort SequenceNumber => BinaryPrimitives.ReadUInt16BigEndian(_packet[2..]);

    public RtpTimestamp Timestamp => new(BinaryPrimitives.ReadUInt32BigEndian(_packet[4..]));

    public Ssrc Ssrc => new(BinaryPrimitives.ReadUInt32BigEndian(_packet[8..]));

    public ReadOnlySpan<byte> Packet => _packet;

    /// <summary>The contributing sources as they are on the wire, 4 bytes each, at most 15.</summary>
    public ReadOnlySpan<byte> ContributingSources => _packet.Slice(FixedHeaderSize, 4 * (_packet[0] & 0x0F));

    /// <summary>What is between header and padding. Empty for a packet of padding only, as probes are.</summary>
    public ReadOnlySpan<byte> Payload => _packet[_payloadOffset..^PaddingLength];

    /// <summary>The same packet without payload and padding.</summary>
    internal RtpPacketView HeaderOnly => new(_packet[..HeaderLength], _extensionOffset, HeaderLength, HeaderLength, 0);

    /// <summary>The same packet with only the end of its payload, which must have so many bytes.</summary>
    internal RtpPacketView WithLastOfPayload(int bytes) => new(_packet, _extensionOffset, HeaderLength, _packet.Length - PaddingLength - bytes, PaddingLength);

    public bool HasExtension => (_packet[0] & 0x10) != 0;

    public HeaderExtensionEnumerator Extensions => HasExtension
        ? new HeaderExtensionEnumerator(ExtensionProfile, _packet[(_extensionOffset + ExtensionHeaderSize)..HeaderLength])
        : default;

    internal ushort ExtensionProfile => HasExtension ? BinaryPrimitives.ReadUInt16BigEndian(_packet[_extensionOffset..]) : (ushort)0;

    public bool TryGetExtension(byte id, out ReadOnlySpan<byte> value)
    {
        foreach (var element in Extensions)
        {
            if (element.Id != id)
                continue;
            value = element.Value;
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>Parses a packet in the clear.</summary>
    public static bool TryParse(ReadOnlySpan<byte> packet, out RtpPacketView view, out ParseFailure failure)
    {
        if (!TryParseProtected(packet, out view, out failure))
            return false;
        if ((packet[0] & 0x20) == 0)
            return true;
        var padding = packet[^1];
        if (padding == 0 || padding > packet.Length - view.HeaderLength)
        {
            view = default;
            failure = ParseFailure.WrongPadding;
            return false;
        }

        view = new RtpPacketView(packet, view._extensionOffset, view.HeaderLength, view.HeaderLength, padding);
        return true;
    }

    /// <summary>
    /// Parses a packet whose payload is still encrypted: SRTP (RFC 3711 section 3.1) leaves the header readable, but the padding count is inside the
    /// encrypted part, so <see cref="PaddingLength"/> is 0 and <see cref="Payload"/> is everything behind the header, authentication tag included.
    /// </summary>
    public static bool TryParseProtected(ReadOnlySpan<byte> packet, out RtpPacketView view, out ParseFailure failure)
    {
        view = default;
        if (packet.Length < FixedHeaderSize)
            return Fail(ParseFailure.Truncated, out failure);
        if (packet[0] >> 6 != 2)
            return Fail(ParseFailure.WrongVersion, out failure);
        var extensionOffset = FixedHeaderSize + 4 * (packet[0] & 0x0F);
        var headerLength = extensionOffset;
        if ((packet[0] & 0x10) != 0)
        {
            if (packet.Length < extensionOffset + ExtensionHeaderSize)
                return Fail(ParseFailure.Truncated, out failure);
            headerLength += ExtensionHeaderSize + 4 * BinaryPrimitives.ReadUInt16BigEndian(packet[(extensionOffset + 2)..]);
        }

        if (packet.Length < headerLength)
            return Fail(ParseFailure.Truncated, out failure);
        failure = ParseFailure.None;
        view = new RtpPacketView(packet, extensionOffset, headerLength, headerLength, 0);
        return true;
    }

    private static bool Fail(ParseFailure reason, out ParseFailure failure)
    {
        failure = reason;
        return false;
    }
}
