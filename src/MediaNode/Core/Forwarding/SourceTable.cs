using MediaNode.Core.Rtp;

namespace MediaNode.Core.Forwarding;

/// <summary>
/// Which encoding an incoming SSRC belongs to (RFC 8843 section 9.2): told by SDP, else learned from the MID and RID header extensions, else from the
/// payload type where only one m-line uses it. Learned bindings are only made from authenticated packets.
/// </summary>
internal sealed class SourceTable
{
    /// <summary>SSRCs per publisher: 4 m-lines with 4 encodings and their RTX streams, twice over for restarts of the sender.</summary>
    public const int MaximumSources = 64;

    private readonly Dictionary<Ssrc, SourceBinding> _bindings = [];

    public bool IsFull => _bindings.Count >= MaximumSources;

    public bool TryGet(Ssrc ssrc, out SourceBinding binding) => _bindings.TryGetValue(ssrc, out binding);

    public void Bind(Ssrc ssrc, SourceBinding binding)
    {
        if (IsFull)
            return;
        _bindings[ssrc] = binding;
        if (!binding.IsRetransmission)
            binding.Encoding.Ssrc = ssrc;
    }

    /// <summary>Finds the encoding of an unknown source, and remembers it.</summary>
    public bool TryLearn(in RtpPacketView packet, List<PublishedTrack> tracks, out SourceBinding binding)
    {
        binding = default;
        if (FindTrack(packet, tracks) is not { } track || FindEncoding(packet, track) is not { } found)
            return false;
        binding = found;
        Bind(packet.Ssrc, found);
        return true;
    }

    private static PublishedTrack? FindTrack(in RtpPacketView packet, List<PublishedTrack> tracks)
    {
        PublishedTrack? byPayloadType = null;
        var candidates = 0;
        foreach (var track in tracks)
        {
            if (TryGetText(packet, track, HeaderExtensionUri.Mid, out var mid) && Matches(mid, track.Mid.Value))
                return track;
            if (!track.IsMedia(packet) && packet.PayloadType != track.RtxPayloadType)
                continue;
            byPayloadType = track;
            candidates++;
        }
        return candidates == 1 ? byPayloadType : null;
    }

    private static SourceBinding? FindEncoding(in RtpPacketView packet, PublishedTrack track)
    {
        var isRetransmission = packet.PayloadType == track.RtxPayloadType;
        if (!isRetransmission && !track.IsMedia(packet))
            return null;
        var name = isRetransmission ? HeaderExtensionUri.RepairedRid : HeaderExtensionUri.Rid;
        if (TryGetText(packet, track, name, out var rid))
        {
            foreach (var encoding in track.Encodings)
            {
                if (encoding.Rid is { } known && Matches(rid, known.Value))
                    return new(encoding, isRetransmission);
            }
            return null;
        }
        return track.Encodings.Count == 1 ? new(track.Encodings[0], isRetransmission) : null;
    }

    private static bool TryGetText(in RtpPacketView packet, PublishedTrack track, string uri, out ReadOnlySpan<byte> text)
    {
        text = default;
        return track.Extensions.TryGetValue(uri, out var id) && packet.TryGetExtension(id, out text);
    }

    private static bool Matches(ReadOnlySpan<byte> wire, string text) => System.Text.Ascii.Equals(wire, text);
}

/// <param name="Encoding">Where the packets belong.</param>
/// <param name="IsRetransmission">They come on its RTX stream (RFC 4588).</param>
internal readonly record struct SourceBinding(Encoding Encoding, bool IsRetransmission);
