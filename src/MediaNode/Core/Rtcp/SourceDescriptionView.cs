using MediaNode.Core.Rtp;

namespace MediaNode.Core.Rtcp;

/// <summary>Source description (RFC 3550 section 6.5). Only CNAME is read.</summary>
public readonly ref struct SourceDescriptionView
{
    internal const byte CnameItem = 1;

    private readonly ReadOnlySpan<byte> _body;
    private readonly int _chunks;

    private SourceDescriptionView(ReadOnlySpan<byte> body, int chunks)
    {
        _body = body;
        _chunks = chunks;
    }

    /// <summary>Finds the CNAME of a source, as UTF-8 bytes.</summary>
    public bool TryGetCname(Ssrc ssrc, out ReadOnlySpan<byte> cname)
    {
        var rest = _body;
        for (var i = 0; i < _chunks; i++)
        {
            var owner = RtcpPacketView.ReadSsrc(rest);
            TryTakeChunk(ref rest, out cname);
            if (owner == ssrc && !cname.IsEmpty)
                return true;
        }

        cname = default;
        return false;
    }

    public static bool TryParse(RtcpPacketView packet, out SourceDescriptionView view, out ParseFailure failure)
    {
        view = default;
        failure = packet.Type == RtcpPacketType.SourceDescription ? ParseFailure.None : ParseFailure.WrongType;
        var rest = packet.Body;
        for (var i = 0; i < packet.Count && failure == ParseFailure.None; i++)
            failure = TryTakeChunk(ref rest, out _) ? ParseFailure.None : ParseFailure.Truncated;
        if (failure != ParseFailure.None)
            return false;
        view = new SourceDescriptionView(packet.Body, packet.Count);
        return true;
    }

    /// <summary>A chunk is an SSRC, items, a zero byte, and zeros up to the next word.</summary>
    private static bool TryTakeChunk(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> cname)
    {
        cname = default;
        if (rest.Length < 4)
            return false;
        var offset = 4;
        while (offset < rest.Length && rest[offset] != 0)
        {
            if (rest.Length < offset + 2 || rest.Length < offset + 2 + rest[offset + 1])
                return false;
            if (rest[offset] == CnameItem)
                cname = rest.Slice(offset + 2, rest[offset + 1]);
            offset += 2 + rest[offset + 1];
        }

        // The end mark and its padding must be there.
        var end = (offset & ~3) + 4;
        if (offset >= rest.Length || end > rest.Length)
            return false;
        rest = rest[end..];
        return true;
    }
}
