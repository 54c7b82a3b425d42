namespace MediaNode.Core.Rtp;

/// <summary>A packet that carries nothing but padding (RFC 3550 section 5.1): it fills a path so that the path can be measured.</summary>
internal static class PaddingPacket
{
    private const byte PaddingBit = 0x20;

    private static readonly byte[] Header = [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>A header without anything that <see cref="RtpHeaderRewrite"/> does not fill in.</summary>
    public static RtpPacketView Template => RtpPacketView.TryParse(Header, out var view, out _) ? view : default;

    /// <param name="destination">Receives header and padding in the clear.</param>
    /// <param name="paddingLength">1 to 255: its last byte says how much there is.</param>
    /// <returns>Length of the header.</returns>
    public static int Write(Span<byte> destination, scoped in RtpHeaderRewrite rewrite, int paddingLength)
    {
        var header = RtpHeaderWriter.Write(destination, Template, rewrite, HeaderExtensionMap.DropAll);
        destination[0] |= PaddingBit;
        var padding = destination.Slice(header, paddingLength);
        padding.Clear();
        padding[^1] = (byte)paddingLength;
        return header;
    }
}
