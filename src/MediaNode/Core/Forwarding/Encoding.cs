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

    /// <summary>MAX_DROPOUT of RFC 3550 appendix A.1. Numbers that are further ahead do not go on with those before: several seconds of video are missing.</summary>
    private const int MaximumDropout = 3000;

    /// <summary>MAX_MISORDER, with room for retransmissions: what is further behind, no history has numbers for.</summary>
    private const int MaximumMisorder = 1024;

    /// <summary>Without a packet for so long an encoding counts as not sent (paused by the publisher, or muted).</summary>
    private static readonly TimeSpan IdleAfter = TimeSpan.FromSeconds(2);

    /// <summary>While packets come from the present source, another one has to send two in a row before it takes over (RFC 3550 appendix A.1): one alone may be anything.</summary>
    private static readonly TimeSpan LiveFor = TimeSpan.FromMilliseconds(500);

    /// <summary>What is on its way from a source when another one takes over does not bring it back. Longer than any path that is of use.</summary>
    private static readonly TimeSpan FormerFor = TimeSpan.FromSeconds(2);

    /// <summary>A sender that says goodbye more often is believed by its silence only: everybody who watches has to choose anew each time.</summary>
    private static readonly TimeSpan GoodbyeInterval = TimeSpan.FromMilliseconds(500);

    private LayerSizes _sizes;
    private StreamTally _tally;
    private long _firstNumber = FirstCycle;
    private Instant _nextGoodbye;
    private uint? _keyFrameTimestamp;
    private bool _isKeyFrameAsked;
    private ExtendedSequenceNumber? _highest;
    private ulong _seenWindow;
    private ulong _restoredWindow;
    private Ssrc? _candidate;
    private (Ssrc? Primary, Ssrc? Retransmission, Instant Until) _former;

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
            Dependencies = track.Parameters.DependencyDescriptorId == 0 ? null : new();
        }
        else
        {
            LostFrame = new();
        }
        HandleRenegotiated();
    }

    public PublishedTrack Track { get; }

    /// <summary>Place in the order that was negotiated. Never changes.</summary>
    public byte Index { get; }

    /// <summary>Place by size of the picture, 0 the smallest: the simulcast layer. What comes may show another order than what was negotiated.</summary>
    public byte Rank { get; set; }

    /// <summary>Packets come, as far as the other encodings of the track let one tell. See <see cref="TrackLayers"/>.</summary>
    public bool IsLive { get; set; }

    /// <summary>Of the last key frame.</summary>
    public ref LayerSizes Sizes => ref _sizes;

    /// <summary>Of its largest pictures.</summary>
    public FrameSize Size => _sizes.Largest;

    /// <summary>The picture of that timestamp is the newest key frame.</summary>
    public bool IsOfKeyFrame(uint timestamp) => timestamp == _keyFrameTimestamp;

    /// <summary>And was asked for, or is the first: it is no part of what the encoding takes in the long run.</summary>
    public bool IsOfAskedKeyFrame(uint timestamp) => _isKeyFrameAsked && IsOfKeyFrame(timestamp);

    /// <summary>A key frame begins.</summary>
    public void HandleKeyFrame(uint timestamp, Instant now)
    {
        // Parameter sets and the picture itself may come in packets of their own.
        if (IsOfKeyFrame(timestamp))
            return;
        _isKeyFrameAsked = KeyFrames!.HandleKeyFrame(now) || _keyFrameTimestamp is null;
        _keyFrameTimestamp = timestamp;
        _tally.KeyFrames++;
    }

    /// <summary>Null for audio.</summary>
    public LayerMeter? Meter { get; }

    /// <summary>Null when no dependency descriptors were negotiated.</summary>
    public Dependencies? Dependencies { get; private set; }

    /// <summary>It is more than its publisher may send, and goes no further.</summary>
    public bool IsAboveCap { get; set; }

    public Rid? Rid { get; }

    /// <summary>Known from SDP, or learned from the first packet.</summary>
    public Ssrc? Ssrc { get; set; }

    /// <summary>Source of the retransmissions (RFC 4588).</summary>
    public Ssrc? RtxSsrc { get; set; }

    /// <summary>Rises when another source goes on with the encoding: its timestamps, picture ids and references have nothing to do with those before.</summary>
    public int Generation { get; private set; }

    public ReceiveStatistics Statistics { get; }

    public ref StreamTally Tally => ref _tally;

    /// <summary>Null when the publisher did not negotiate generic NACK for the track.</summary>
    public NackGenerator? Nack { get; private set; }

    /// <summary>Null for video.</summary>
    public LostFrame? LostFrame { get; private set; }

    /// <summary>Null for audio.</summary>
    public KeyFrameRequests? KeyFrames { get; }

    /// <summary>Made with the first subscriber that may ask for packets again.</summary>
    public PacketHistory? History { get; private set; }

    /// <summary>The publisher's last sender report: its clock against the stream's.</summary>
    public SenderClock? SenderClock { get; set; }

    /// <summary>Highest number so far.</summary>
    public ulong Highest => (ulong)Math.Max(_highest?.Value ?? 0, 0);

    /// <summary>When something is to be asked for next. Without a source nobody can be asked, and what was to be asked for waits.</summary>
    public Instant NextTimeout => Ssrc is null ? Instant.Never : Instant.Min(Nack?.NextTimeout ?? Instant.Never, KeyFrames?.NextTimeout ?? Instant.Never);

    public Instant LastPacketAt => Statistics.LastPacketAt;

    public bool IsReceiving(Instant now) => LastPacketAt != Instant.Never && now - LastPacketAt < IdleAfter;

    /// <summary>The track's parameters are others.</summary>
    public void HandleRenegotiated() => Nack = Track.Parameters.NackNegotiated ? Nack ?? new() : null;

    /// <summary>
    /// Another source (SSRC) goes on with the encoding: the client has begun a new sender. Its numbers begin anywhere; they go on two cycles above those before, so that
    /// no number is ever that of two packets.
    /// </summary>
    /// <param name="ssrc">The source; null when it is to be learned.</param>
    /// <param name="rtxSsrc">Of its retransmissions; null when unknown.</param>
    /// <param name="now">The current moment.</param>
    public void Begin(Ssrc? ssrc, Ssrc? rtxSsrc, Instant now)
    {
        _former = ssrc is null ? default : (Ssrc, RtxSsrc, now + FormerFor);
        (Ssrc, RtxSsrc) = (ssrc, rtxSsrc);
        _candidate = null;
        BeginSequence();
    }

    /// <summary>Numbers that have nothing to do with those before begin with the next packet.</summary>
    public void BeginSequence()
    {
        if (_highest is not { } highest)
            return;
        _firstNumber = ((highest.Value >> 16) + 2) << 16;
        _highest = null;
        (_seenWindow, _restoredWindow) = (0, 0);
        Generation++;
        SenderClock = null;
        Statistics.HandleSourceChanged();
        _tally.Gaps.HandleSourceChanged();
        Nack = Nack is null ? null : new();
        LostFrame = LostFrame is null ? null : new();
        Dependencies = Dependencies is null ? null : new();
        Track.Layers.HandleSourceChanged(this);
    }

    /// <summary>A source that nobody announced, and that claims the encoding, may have it.</summary>
    public bool Admits(Ssrc ssrc, Instant now)
    {
        if (IsFormer(ssrc, now))
            return false;
        var isLive = Ssrc is not null && LastPacketAt != Instant.Never && now - LastPacketAt < LiveFor;
        if (!isLive || _candidate == ssrc)
            return true;
        _candidate = ssrc;
        return false;
    }

    /// <summary>What the encoding came from until just now.</summary>
    public bool IsFormer(Ssrc ssrc, Instant now) => (ssrc == _former.Primary || ssrc == _former.Retransmission) && now < _former.Until;

    /// <summary>The source turns out to be something else.</summary>
    public void Lose(Ssrc ssrc, Encoding to, bool isRetransmission)
    {
        if (Ssrc == ssrc && (to != this || isRetransmission))
            Ssrc = null;
        if (RtxSsrc == ssrc && (to != this || !isRetransmission))
            RtxSsrc = null;
    }

    public void KeepHistory() => History ??= new(Track.Kind == MediaKind.Video ? PacketHistory.VideoBytes : PacketHistory.AudioBytes);

    /// <summary>The number is further from those before than loss and delay explain.</summary>
    public bool IsJump(ushort sequenceNumber) =>
        _highest is { } highest && highest.Unwrap(sequenceNumber) - highest is > MaximumDropout or < -MaximumMisorder;

    /// <summary>The publisher has said goodbye for it (RFC 3550 section 6.6). If packets come again, it begins again, as when a browser stops a layer for a while.</summary>
    /// <returns>False when that came too soon after the last one, and changes nothing.</returns>
    public bool TryEnd(Instant now)
    {
        if (now < _nextGoodbye)
            return false;
        _nextGoodbye = now + GoodbyeInterval;
        Statistics.HandleEnd();
        Nack?.Clear();
        KeyFrames?.HandleEnd();
        _tally.Gaps.HandleEnd();
        Track.HandleEnded(this, now);
        return true;
    }

    /// <summary>Numbers a packet, and says whether it is new.</summary>
    public bool TryAccept(ushort sequenceNumber, uint timestamp, int bytes, Instant now, out ulong sequence)
    {
        var before = _highest;
        var number = before is { } highest ? highest.Unwrap(sequenceNumber) : new(_firstNumber + sequenceNumber);
        sequence = (ulong)Math.Max(number.Value, 0);
        _candidate = null;
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
    /// A window of 64 numbers against duplicates that SRTP cannot see: a packet and its retransmission on the RTX stream. Older ones of video pass: the history takes
    /// no number twice. Older ones of audio do not, over a second late: of audio no number is ever taken twice.
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
