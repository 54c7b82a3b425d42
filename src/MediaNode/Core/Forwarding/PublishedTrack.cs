using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>One m-line of a publisher, with its encodings and everybody who gets it.</summary>
internal sealed class PublishedTrack
{
    /// <summary>Simulcast layers per track; browsers send at most three.</summary>
    public const int MaximumEncodings = 4;

    private readonly List<Encoding> _encodings = new(1);
    private readonly List<DownTrack> _downTracks = [];
    private byte? _audioLevelId;

    public required PublisherPeer Publisher { get; init; }

    public required Mid Mid { get; init; }

    public required MediaKind Kind { get; init; }

    public required Codec Codec { get; init; }

    public required int ClockRate { get; init; }

    public required PayloadType PayloadType { get; init; }

    public PayloadType? RtxPayloadType { get; init; }

    public bool NackNegotiated { get; init; }

    /// <summary>fmtp of the codec as negotiated, for the subscribers' offers.</summary>
    public string? FormatParameters { get; init; }

    /// <summary>Extension ids of the publisher's side by URI.</summary>
    public required IReadOnlyDictionary<string, byte> Extensions { get; init; }

    /// <summary>Id of the audio level extension; 0 when it is not sent.</summary>
    public byte AudioLevelId => _audioLevelId ??= Extensions.GetValueOrDefault(HeaderExtensionUri.AudioLevel);

    /// <summary>What was last told about the track: packets come, or have stopped.</summary>
    public bool IsReceiving { get; set; }

    // Lists, not interfaces: to enumerate an interface allocates, and the feedback path goes over these.
    public List<Encoding> Encodings => _encodings;

    public List<DownTrack> DownTracks => _downTracks;

    public Encoding AddEncoding(Rid? rid)
    {
        var encoding = new Encoding(this, (byte)_encodings.Count, rid);
        if (_downTracks.Exists(track => track.NackNegotiated))
            encoding.KeepHistory();
        _encodings.Add(encoding);
        return encoding;
    }

    public void Add(DownTrack downTrack) => _downTracks.Add(downTrack);

    /// <summary>A subscriber may ask for packets again.</summary>
    public void KeepHistory()
    {
        foreach (var encoding in _encodings)
            encoding.KeepHistory();
    }

    public void Remove(DownTrack downTrack) => _downTracks.Remove(downTrack);

    /// <summary>The highest encoding at or below the one wished for that is being received; the lowest received one if there is none below.</summary>
    public Encoding? Best(byte highestWanted, Instant now)
    {
        Encoding? best = null;
        foreach (var encoding in _encodings)
        {
            if (encoding.IsReceiving(now) && (best is null || encoding.Index <= highestWanted))
                best = encoding;
        }
        return best;
    }

    /// <summary>The hot path: one new packet to everybody who gets this track.</summary>
    public void Forward(Encoding encoding, scoped in RtpPacketView packet, ulong sequence, Instant now)
    {
        var isKeyFrame = Kind == MediaKind.Video && KeyFrame.IsStart(Codec, packet.Payload);
        if (isKeyFrame)
            encoding.KeyFrames!.HandleKeyFrame(now);
        encoding.History?.Store(sequence, packet.Packet[..^packet.PaddingLength]);
        foreach (var downTrack in _downTracks)
            downTrack.Forward(encoding, packet, sequence, isKeyFrame, now);
    }
}
