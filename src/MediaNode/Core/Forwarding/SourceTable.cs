using System.Collections.Immutable;
using MediaNode.Core.Rtp;
using MediaNode.Core.Sdp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>
/// Which encoding an incoming SSRC belongs to (RFC 9143 section 9.2): told by SDP, else learned from the MID and RID header extensions, else from the
/// payload type where only one m-line uses it. Learned bindings are only made from authenticated packets. An encoding has one source at a time, and those that
/// its last offer announced: what is neither is forgotten.
/// </summary>
internal sealed class SourceTable
{
    /// <summary>SSRCs per publisher: 4 m-lines with 4 encodings and their RTX streams, twice over for those that are announced and have not begun.</summary>
    public const int MaximumSources = 64;

    private readonly Dictionary<Ssrc, SourceBinding> _bindings = [];

    public int Count => _bindings.Count;

    public bool TryGet(Ssrc ssrc, out SourceBinding binding) => _bindings.TryGetValue(ssrc, out binding);

    /// <summary>What an offer says of a track's sources, in the order of its encodings. They take over from those before when they begin to send.</summary>
    public void Announce(PublishedTrack track, ImmutableArray<SourcePair> sources)
    {
        foreach (var ssrc in _bindings.Keys.Where(ssrc => _bindings[ssrc].Encoding.Track == track).ToList())
            _bindings[ssrc] = _bindings[ssrc] with { IsAnnounced = false };
        for (var i = 0; i < sources.Length && i < track.Encodings.Count; i++)
            Announce(track.Encodings[i], sources[i]);
        foreach (var encoding in track.Encodings)
            ForgetUnused(encoding);
    }

    /// <summary>The track has ended.</summary>
    public void Forget(PublishedTrack track)
    {
        // Removing while enumerating is allowed.
        foreach (var (ssrc, binding) in _bindings)
        {
            if (binding.Encoding.Track == track)
                _bindings.Remove(ssrc);
        }
    }

    /// <summary>Finds the encoding of an unknown source, and remembers it.</summary>
    /// <param name="packet">Its packet.</param>
    /// <param name="tracks">Of the publisher.</param>
    /// <param name="now">The current moment.</param>
    /// <param name="binding">Where the packet belongs.</param>
    /// <param name="reason">Why the packet goes no further otherwise.</param>
    public bool TryLearn(in RtpPacketView packet, List<PublishedTrack> tracks, Instant now, out SourceBinding binding, out DropReason reason)
    {
        binding = default;
        reason = DropReason.RtpUnknownSource;
        if (FindTrack(packet, tracks) is not { } track || FindEncoding(packet, track) is not { } found)
            return false;
        if (found.IsRetransmission ? !AdmitsRetransmissions(found.Encoding, packet.Ssrc, now) : !found.Encoding.Admits(packet.Ssrc, now))
        {
            reason = DropReason.RtpUnprovenSource;
            return false;
        }
        if (!TryBind(packet.Ssrc, found))
        {
            reason = DropReason.RtpTooManySources;
            return false;
        }
        binding = found;
        if (!found.IsRetransmission)
            return true;
        found.Encoding.RtxSsrc = packet.Ssrc;
        ForgetUnused(found.Encoding);
        return true;
    }

    /// <summary>A source has begun to send, or sends in the place of another one.</summary>
    public void Begin(Ssrc ssrc, SourceBinding binding, Instant now)
    {
        binding.Encoding.Begin(ssrc, binding.Partner, now);
        ForgetUnused(binding.Encoding);
    }

    /// <summary>Sources of retransmissions that nobody announced take turns, since each of them is found again by its next packet. One that was announced stays.</summary>
    private bool AdmitsRetransmissions(Encoding encoding, Ssrc ssrc, Instant now)
    {
        if (encoding.IsFormer(ssrc, now))
            return false;
        return encoding.RtxSsrc is not { } current || !_bindings.TryGetValue(current, out var binding) || !binding.IsAnnounced;
    }

    private void Announce(Encoding encoding, SourcePair pair)
    {
        if (!TryBind(pair.Primary, new(encoding, IsRetransmission: false, IsAnnounced: true, pair.Retransmission)))
            return;
        if (pair.Retransmission is { } retransmission)
            TryBind(retransmission, new(encoding, IsRetransmission: true, IsAnnounced: true));
        // A key frame can be asked for before anything has come. A source that sends already has its partner from now on.
        if (encoding.Ssrc is null || encoding.Ssrc == pair.Primary)
            (encoding.Ssrc, encoding.RtxSsrc) = (pair.Primary, pair.Retransmission ?? encoding.RtxSsrc);
    }

    private bool TryBind(Ssrc ssrc, SourceBinding binding)
    {
        if (_bindings.TryGetValue(ssrc, out var before))
            before.Encoding.Lose(ssrc, binding.Encoding, binding.IsRetransmission);
        else if (_bindings.Count >= MaximumSources)
            return false;
        _bindings[ssrc] = binding;
        return true;
    }

    /// <summary>Forgets what the encoding was sent from before, and what was announced for it before.</summary>
    private void ForgetUnused(Encoding encoding)
    {
        foreach (var (ssrc, binding) in _bindings)
        {
            if (binding.Encoding == encoding && !binding.IsAnnounced && ssrc != encoding.Ssrc && ssrc != encoding.RtxSsrc)
                _bindings.Remove(ssrc);
        }
    }

    private static PublishedTrack? FindTrack(in RtpPacketView packet, List<PublishedTrack> tracks)
    {
        PublishedTrack? byPayloadType = null;
        var candidates = 0;
        foreach (var track in tracks)
        {
            if (TryGetText(packet, track, HeaderExtensionUri.Mid, out var mid) && Matches(mid, track.Mid.Value))
                return track;
            if (!track.IsMedia(packet) && packet.PayloadType != track.Parameters.RtxPayloadType)
                continue;
            byPayloadType = track;
            candidates++;
        }
        return candidates == 1 ? byPayloadType : null;
    }

    private static SourceBinding? FindEncoding(in RtpPacketView packet, PublishedTrack track)
    {
        var isRetransmission = packet.PayloadType == track.Parameters.RtxPayloadType;
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
        return track.Parameters.Extensions.TryGetValue(uri, out var id) && packet.TryGetExtension(id, out text);
    }

    private static bool Matches(ReadOnlySpan<byte> wire, string text) => System.Text.Ascii.Equals(wire, text);
}

/// <param name="Encoding">Where the packets belong.</param>
/// <param name="IsRetransmission">They come on its RTX stream (RFC 4588).</param>
/// <param name="IsAnnounced">By the last offer.</param>
/// <param name="Partner">Source of the retransmissions, as announced.</param>
internal readonly record struct SourceBinding(Encoding Encoding, bool IsRetransmission, bool IsAnnounced = false, Ssrc? Partner = null);
