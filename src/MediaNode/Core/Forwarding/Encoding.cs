using MediaNode.Core.Forwarding.Layers;
using MediaNode.Core.Forwarding.Redundancy;
using MediaNode.Core.Forwarding.Statistics;
using MediaNode.Core.Recovery;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>One RTP stream of a published track as it comes in: the only one, or one simulcast layer.</summary>
internal sealed class Encoding
{
    /// <summary>Extended numbers start one cycle up, so that packets that overtook the first one do not fall below zero.</summary>
    private const int FirstCycle = 1 << 16;

    /// <summary>Bits of the windows; bit n stands for the number n below the highest.</summary>
    private const int Window = 64;
    private const ulong PreviousBit = 1 << 1;

    /// <summary>Without a packet for so long an encoding counts as not sent (paused by the publisher, or muted).</summary>
    private static readonly TimeSpan IdleAfter = TimeSpan.FromSeconds(2);

    private StreamTally _tally;
    private ExtendedSequenceNumber? _highest;
    private ulong _seenWindow;
    private ulong _restoredWindow;

    public Encoding(PublishedTrack track, byte index, Rid? rid)
    {
        Track = track;
        Index = Rank = index;
        Rid = rid;
        Statistics = new(track.ClockRate);
        if (track.Kind == MediaKind.Video)
        {
            KeyFrames = new();
            Meter = new();
            Dependencies = track.DependencyDescriptorId == 0 ? null : new();
        }
        else
        {
            LostFrame = new();
        }
        if (track.NackNegotiated)
            Nack = new();
    }

    public PublishedTrack Track { get; }

    /// <summary>Place in the order that was negotiated. Never changes.</summary>
    public byte Index { get; }

    /// <summary>Place by size of the picture, 0 the smallest: the simulcast layer. What comes may show another order than what was negotiated.</summary>
    public byte Rank { get; set; }

    /// <summary>Packets come, as far as the other encodings of the track let one tell. See <see cref="TrackLayers"/>.</summary>
    public bool IsLive { get; set; }

    /// <summary>Size of the last key frame, where the codec tells it cheaply.</summary>
    public FrameSize? Size { get; set; }

    /// <summary>Null for audio.</summary>
    public LayerMeter? Meter { get; }

    /// <summary>Null when no dependency descriptors were negotiated.</summary>
    public Dependencies? Dependencies { get; }

    public Rid? Rid { get; }

    /// <summary>Known from SDP, or learned from the first packet.</summary>
    public Ssrc? Ssrc { get; set; }

    public ReceiveStatistics Statistics { get; }

    public ref StreamTally Tally => ref _tally;

    /// <summary>Null when the publisher did not negotiate generic NACK for the track.</summary>
    public NackGenerator? Nack { get; }

    /// <summary>Null for video.</summary>
    public LostFrame? LostFrame { get; }

    /// <summary>Null for audio.</summary>
    public KeyFrameRequests? KeyFrames { get; }

    /// <summary>Made with the first subscriber that may ask for packets again.</summary>
    public PacketHistory? History { get; private set; }

    /// <summary>The publisher's last sender report: its clock against the stream's.</summary>
    public SenderClock? SenderClock { get; set; }

    /// <summary>Highest number so far.</summary>
    public ulong Highest => (ulong)Math.Max(_highest?.Value ?? 0, 0);

    public Instant LastPacketAt => Statistics.LastPacketAt;

    public bool IsReceiving(Instant now) => LastPacketAt != Instant.Never && now - LastPacketAt < IdleAfter;

    public void KeepHistory() => History ??= new(Track.Kind == MediaKind.Video ? PacketHistory.VideoBytes : PacketHistory.AudioBytes);

    /// <summary>Numbers a packet, and says whether it is new.</summary>
    public bool TryAccept(ushort sequenceNumber, uint timestamp, int bytes, Instant now, out ulong sequence)
    {
        var before = _highest;
        var number = before is { } highest ? highest.Unwrap(sequenceNumber) : new(FirstCycle + sequenceNumber);
        sequence = (ulong)Math.Max(number.Value, 0);
        var isNew = IsNew(number);
        // What was restored was not lost if it comes after all.
        if (isNew || TakeRestored(number))
            Statistics.HandlePacket(sequence, timestamp, bytes, now);
        return isNew;
    }

    /// <summary>The packet is the newest, and the one before it has not come.</summary>
    public bool IsPreviousMissing(ulong sequence) => sequence == Highest && (_seenWindow & PreviousBit) == 0;

    /// <summary>The packet before the newest one was restored: it counts as lost unless it comes, but goes no further then.</summary>
    public void TakePreviousAsRestored()
    {
        _seenWindow |= PreviousBit;
        _restoredWindow |= PreviousBit;
    }

    private bool TakeRestored(ExtendedSequenceNumber number)
    {
        var behind = _highest!.Value - number;
        var bit = behind is >= 0 and < Window ? 1UL << (int)behind : 0;
        var wasRestored = (_restoredWindow & bit) != 0;
        _restoredWindow &= ~bit;
        return wasRestored;
    }

    /// <summary>
    /// A window of 64 numbers against duplicates that SRTP cannot see: a packet and its retransmission on the RTX stream. Older ones of video pass, since
    /// each subscriber's receiver drops duplicates too. Older ones of audio do not, over a second late: of audio no number is ever taken twice, so that what is
    /// sent again under the same index can be nothing but what was sent.
    /// </summary>
    private bool IsNew(ExtendedSequenceNumber number)
    {
        if (_highest is not { } highest)
        {
            _highest = number;
            _seenWindow = 1;
            return true;
        }
        var ahead = number - highest;
        if (ahead > 0)
        {
            _seenWindow = ahead < Window ? (_seenWindow << (int)ahead) | 1 : 1;
            _restoredWindow = ahead < Window ? _restoredWindow << (int)ahead : 0;
            _highest = number;
            return true;
        }
        if (ahead <= -Window)
            return Track.Kind == MediaKind.Video;
        var bit = 1UL << (int)-ahead;
        if ((_seenWindow & bit) != 0)
            return false;
        _seenWindow |= bit;
        return true;
    }
}

/// <summary>A sender report's pair of clocks (RFC 3550 section 6.4.1).</summary>
/// <param name="NtpTime">The publisher's clock.</param>
/// <param name="Timestamp">The stream's timestamp at that moment.</param>
/// <param name="ReceivedAt">When the report came.</param>
internal readonly record struct SenderClock(NtpTime NtpTime, uint Timestamp, Instant ReceivedAt);
