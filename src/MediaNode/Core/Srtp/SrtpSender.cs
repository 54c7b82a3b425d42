using System.Buffers.Binary;

namespace MediaNode.Core.Srtp;

/// <summary>
/// Protects the packets of one direction, for any number of SSRCs. Single threaded; allocates nothing per packet.
/// The caller numbers the RTP streams and must never protect two different packets (header or payload) under one SSRC and index:
/// with GCM that gives away the authentication key. A retransmission is either the protected bytes again or an RTX packet with an index of its own.
/// </summary>
public sealed class SrtpSender : IDisposable
{
    private const ulong MaxRtpIndex = (1UL << 48) - 1;
    private const uint MaxRtcpIndex = (1U << 31) - 1;
    private const uint EncryptedFlag = 1U << 31;

    private readonly SrtpCiphers ciphers;
    private readonly int tagBytes;
    private uint lastRtcpIndex;

    public SrtpSender(SrtpProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt)
    {
        ciphers = new SrtpCiphers(profile, masterKey, masterSalt, encrypt: true);
        tagBytes = profile.TagBytes();
    }

    /// <summary>Bytes that protection adds to an RTP packet.</summary>
    public int RtpOverhead => tagBytes;

    /// <summary>Bytes that protection adds to an RTCP packet.</summary>
    public int RtcpOverhead => tagBytes + SrtpProfileParameters.RtcpIndexBytes;

    /// <summary>
    /// <paramref name="packet"/> begins with the finished RTP header (CSRCs and extension included); the payload is encrypted behind it and the tag appended.
    /// <paramref name="payload"/> is another buffer, or exactly <c>packet[headerLength..]</c> for in place. <paramref name="index"/> is ROC &lt;&lt; 16 | sequence number.
    /// Returns the total length.
    /// </summary>
    public int ProtectRtp(Span<byte> packet, int headerLength, ReadOnlySpan<byte> payload, ulong index)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(headerLength, SrtpWire.RtpHeaderBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, MaxRtpIndex);
        var total = headerLength + payload.Length + tagBytes;
        ArgumentOutOfRangeException.ThrowIfLessThan(packet.Length, total, nameof(packet));
        var body = packet[headerLength..total];
        if (payload.Overlaps(body, out var offset) && offset != 0)
            throw new ArgumentException("The payload overlaps the packet at another place than its own.", nameof(payload));

        var header = packet[..headerLength];
        var ssrc = SrtpWire.RtpSsrc(header);
        if (ciphers.GcmRtp is { } gcm)
        {
            gcm.Seal(ssrc, index, header, payload, body);
            return total;
        }

        var counterMode = ciphers.CounterModeRtp!;
        counterMode.Transform(ssrc, index, payload, body);
        Span<byte> rolloverCounter = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(rolloverCounter, (uint)(index >> 16));
        counterMode.Sign(packet[..(total - tagBytes)], rolloverCounter, packet[(total - tagBytes)..total]);
        return total;
    }

    /// <summary>
    /// Protects the compound packet in <c>packet[..length]</c> in place and returns the total length. Throws once 2^31 packets are sent (RFC 3711 section 9.2:
    /// the key must not be used further); at a hundred packets a second that is eight months.
    /// </summary>
    public int ProtectRtcp(Span<byte> packet, int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, SrtpWire.RtcpHeaderBytes);
        var total = length + RtcpOverhead;
        ArgumentOutOfRangeException.ThrowIfLessThan(packet.Length, total, nameof(packet));
        if (lastRtcpIndex == MaxRtcpIndex)
            throw new InvalidOperationException("The SRTCP indexes of this key are used up; the session needs a new DTLS handshake.");

        var index = ++lastRtcpIndex;
        var ssrc = SrtpWire.RtcpSsrc(packet);
        var header = packet[..SrtpWire.RtcpHeaderBytes];
        var body = packet[SrtpWire.RtcpHeaderBytes..length];
        if (ciphers.GcmRtcp is { } gcm)
        {
            // RFC 7714 section 9.2: the index comes last, after the tag, and is authenticated with the header.
            var indexField = packet[(total - SrtpProfileParameters.RtcpIndexBytes)..total];
            BinaryPrimitives.WriteUInt32BigEndian(indexField, EncryptedFlag | index);
            Span<byte> additional = stackalloc byte[SrtpWire.RtcpAdditionalBytes];
            SrtpWire.JoinRtcpAdditional(header, indexField, additional);
            gcm.Seal(ssrc, index, additional, body, packet[SrtpWire.RtcpHeaderBytes..(total - SrtpProfileParameters.RtcpIndexBytes)]);
            return total;
        }

        // RFC 3711 section 3.4: the index comes before the tag, which covers everything before itself.
        var counterMode = ciphers.CounterModeRtcp!;
        counterMode.Transform(ssrc, index, body, body);
        BinaryPrimitives.WriteUInt32BigEndian(packet[length..], EncryptedFlag | index);
        counterMode.Sign(packet[..(total - tagBytes)], default, packet[(total - tagBytes)..total]);
        return total;
    }

    public void Dispose() => ciphers.Dispose();
}
