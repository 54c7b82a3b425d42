namespace MediaNode.Core.Net;

/// <summary>What a datagram on a media port is, judged by its first bytes.</summary>
public enum PacketKind
{
    Unknown = 0,
    Stun,
    Dtls,
    Rtp,
    Rtcp,
}

/// <summary>Tells the protocols that share one port apart (RFC 7983 section 7, RFC 5761 section 4).</summary>
public static class DatagramDemux
{
    public static PacketKind Classify(ReadOnlySpan<byte> datagram)
    {
        // Each protocol needs at least two bytes to be named.
        if (datagram.Length < 2)
            return PacketKind.Unknown;
        return datagram[0] switch
        {
            <= 3 => PacketKind.Stun,
            >= 20 and <= 63 => PacketKind.Dtls,
            // RFC 5761 section 4: RTCP packet types 192 to 223 cannot be RTP payload types when both share a port.
            >= 128 and <= 191 => datagram[1] is >= 192 and <= 223 ? PacketKind.Rtcp : PacketKind.Rtp,
            _ => PacketKind.Unknown,
        };
    }
}
