using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.TestPeer.Sockets;

/// <summary>Counts what comes from one publisher.</summary>
public sealed class ReceivedMedia(RtcClient client) : IPeerMedia
{
    private readonly Dictionary<Ssrc, MediaKind> _sources = [];
    private readonly HashSet<Ssrc> _retransmissions = [];
    private ReceivedCounts _counts;

    public Instant NextTimeout => Instant.Never;

    public ReceivedCounts Counts => _counts with { Rejected = client.BadPackets, IsConnected = client.IsConnected };

    /// <summary>Answers the offer, and expects the sources that it announces.</summary>
    public string Answer(string offer, Instant now)
    {
        var answer = client.AnswerOffer(offer, now);
        foreach (var media in client.Media)
        {
            foreach (var source in media.Sources)
            {
                _sources[source.Primary] = media.Kind;
                if (source.Retransmission is { } retransmission)
                    _retransmissions.Add(retransmission);
            }
        }
        return answer;
    }

    public void Advance(Instant now)
    {
        while (client.TryTakeControl(out _))
        {
        }
        while (client.TryTakePacket(out var bytes))
            Count(bytes);
    }

    private void Count(byte[] bytes)
    {
        if (!RtpPacketView.TryParse(bytes, out var packet, out _))
            _counts.Unexpected++;
        else if (!_sources.TryGetValue(packet.Ssrc, out var kind))
            _counts.Unexpected += _retransmissions.Contains(packet.Ssrc) ? 0 : 1;
        else if (kind == MediaKind.Audio)
            _counts.Audio++;
        else
            CountVideo(packet.Payload);
    }

    private void CountVideo(ReadOnlySpan<byte> payload)
    {
        // RFC 7741 section 4.2 and RFC 6386 section 9.1: S in the descriptor, and the lowest bit of the frame's first byte is 0 in a key frame.
        var isKeyFrame = payload.Length > 1 && (payload[0] & 0x10) != 0 && (payload[1] & 1) == 0;
        _counts.BeginsWithKeyFrame |= _counts.Video == 0 && isKeyFrame;
        _counts.KeyFrames += isKeyFrame ? 1 : 0;
        _counts.Video++;
    }
}

/// <summary>Packets of one subscription, without repetitions.</summary>
/// <param name="Audio">Packets of audio.</param>
/// <param name="Video">Packets of video.</param>
/// <param name="KeyFrames">Key frames whose first packet arrived.</param>
/// <param name="BeginsWithKeyFrame">The first packet of video began a key frame.</param>
/// <param name="Unexpected">Packets that are not RTP, or of a source that no offer announced.</param>
/// <param name="Rejected">Packets that could not be authenticated.</param>
/// <param name="IsConnected">DTLS is up.</param>
public record struct ReceivedCounts(
    long Audio, long Video, int KeyFrames, bool BeginsWithKeyFrame, int Unexpected, int Rejected, bool IsConnected);
