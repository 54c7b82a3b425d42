using System.Buffers.Binary;

namespace MediaNode.Core.Srtp;

/// <summary>What SRTP itself reads of a packet: where the encrypted part begins. Every length is checked against the packet.</summary>
internal static class SrtpWire
{
    internal const int RtpHeaderBytes = 12;

    /// <summary>The part of an RTCP packet that stays in the clear: the first header with its SSRC (RFC 3711 section 3.4).</summary>
    internal const int RtcpHeaderBytes = 8;

    /// <summary>What GCM authenticates of an RTCP packet besides its body: that header and the index field (RFC 7714 section 9.2).</summary>
    internal const int RtcpAdditionalBytes = RtcpHeaderBytes + SrtpProfileParameters.RtcpIndexBytes;

    private const int CsrcBytes = 4;
    private const int ExtensionHeaderBytes = 4;
    private const byte ExtensionBit = 0x10;

    internal static bool IsVersion2(ReadOnlySpan<byte> packet) => packet[0] >> 6 == 2;

    internal static ushort SequenceNumber(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);

    internal static uint RtpSsrc(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);

    internal static uint RtcpSsrc(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);

    internal static void JoinRtcpAdditional(ReadOnlySpan<byte> header, ReadOnlySpan<byte> indexField, Span<byte> additional)
    {
        header.CopyTo(additional);
        indexField.CopyTo(additional[RtcpHeaderBytes..]);
    }

    /// <summary>Length of the header with CSRCs and extension (RFC 3550 section 5.1), when all of it lies inside <paramref name="packet"/>.</summary>
    internal static bool TryMeasureRtpHeader(ReadOnlySpan<byte> packet, out int headerLength)
    {
        headerLength = 0;
        if (packet.Length < RtpHeaderBytes || !IsVersion2(packet))
            return false;

        var length = RtpHeaderBytes + (packet[0] & 0x0F) * CsrcBytes;
        if ((packet[0] & ExtensionBit) != 0)
        {
            if (packet.Length < length + ExtensionHeaderBytes)
                return false;
            length += ExtensionHeaderBytes + BinaryPrimitives.ReadUInt16BigEndian(packet[(length + 2)..]) * 4;
        }

        headerLength = length;
        return length <= packet.Length;
    }
}
