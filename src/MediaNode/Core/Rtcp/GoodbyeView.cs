using MediaNode.Core.Rtp;

namespace MediaNode.Core.Rtcp;

/// <summary>Goodbye (RFC 3550 section 6.6): at most 31 sources that have ended.</summary>
public readonly ref struct GoodbyeView
{
    private readonly ReadOnlySpan<byte> _sources;

    private GoodbyeView(ReadOnlySpan<byte> sources) => _sources = sources;

    public int Count => _sources.Length / 4;

    public Ssrc this[int index] => RtcpPacketView.ReadSsrc(_sources[(index * 4)..]);

    public static bool TryParse(RtcpPacketView packet, out GoodbyeView view, out ParseFailure failure)
    {
        failure = packet.Type != RtcpPacketType.Goodbye ? ParseFailure.WrongType
            : packet.Body.Length < packet.Count * 4 ? ParseFailure.Truncated
            : ParseFailure.None;
        view = failure == ParseFailure.None ? new GoodbyeView(packet.Body[..(packet.Count * 4)]) : default;
        return failure == ParseFailure.None;
    }
}
