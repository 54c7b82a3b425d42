using MediaNode.Core.Rtp;

namespace MediaNode.Core.Rtcp;

/// <summary>The two SSRCs that every feedback packet begins with (RFC 4585 section 6.1).</summary>
public readonly record struct FeedbackHeader(Ssrc Sender, Ssrc Media)
{
    internal const int Size = 8;

    internal static ParseFailure TryRead(RtcpPacketView packet, RtcpPacketType type, byte format, out FeedbackHeader header, out ReadOnlySpan<byte> information)
    {
        header = default;
        information = default;
        if (!packet.Is(type, format))
            return ParseFailure.WrongType;
        if (packet.Body.Length < Size)
            return ParseFailure.Truncated;
        header = new FeedbackHeader(RtcpPacketView.ReadSsrc(packet.Body), RtcpPacketView.ReadSsrc(packet.Body[4..]));
        information = packet.Body[Size..];
        return ParseFailure.None;
    }
}
