using MediaNode.Core.Forwarding.Layers;
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
    private readonly PendingPackets _pending = new();
    private readonly WantedLayers _wanted;
    private byte? _audioLevelId;
    private byte? _dependencyDescriptorId;

    /// <summary>Index of the pending packet that is being forwarded.</summary>
    private int _turn;

    public PublishedTrack()
    {
        Layers = new(this);
        _wanted = new(this);
    }

    /// <summary>What of the track comes, and at what cost.</summary>
    public TrackLayers Layers { get; }

    public required PublisherPeer Publisher { get; init; }

    public required Mid Mid { get; init; }

    public required MediaKind Kind { get; init; }

    public required Codec Codec { get; init; }

    public required int ClockRate { get; init; }

    public required PayloadType PayloadType { get; init; }

    public PayloadType? RtxPayloadType { get; init; }

    /// <summary>Redundant audio (RFC 2198), which may come in place of the codec with any packet; null when not negotiated.</summary>
    public PayloadType? RedundancyPayloadType { get; set; }

    public bool NackNegotiated { get; init; }

    /// <summary>fmtp of the codec as negotiated, for the subscribers' offers.</summary>
    public string? FormatParameters { get; init; }

    /// <summary>Extension ids of the publisher's side by URI.</summary>
    public required IReadOnlyDictionary<string, byte> Extensions { get; init; }

    /// <summary>Id of the audio level extension; 0 when it is not sent.</summary>
    public byte AudioLevelId => _audioLevelId ??= Extensions.GetValueOrDefault(HeaderExtensionUri.AudioLevel);

    /// <summary>Id of the dependency descriptor; 0 when it is not sent.</summary>
    public byte DependencyDescriptorId => _dependencyDescriptorId ??= Extensions.GetValueOrDefault(HeaderExtensionUri.DependencyDescriptor);

    /// <summary>What was last told about the track: packets come, or have stopped.</summary>
    public bool IsReceiving { get; set; }

    /// <summary>
    /// The publisher sends another video before this one: clients that do so send the camera first and the screen second. One that puts the screen in the camera's place says
    /// nothing of it in the media.
    /// </summary>
    public bool IsBesideCamera => Kind == MediaKind.Video && Publisher.Tracks.Find(track => track.Kind == MediaKind.Video) != this;

    // Lists, not interfaces: to enumerate an interface allocates, and the feedback path goes over these.
    public List<Encoding> Encodings => _encodings;

    public List<DownTrack> DownTracks => _downTracks;

    public bool IsRedundant(scoped in RtpPacketView packet) => packet.PayloadType == RedundancyPayloadType;

    /// <summary>The packet's payload is the track's media, plain or redundant: no retransmission.</summary>
    public bool IsMedia(scoped in RtpPacketView packet) => packet.PayloadType == PayloadType || IsRedundant(packet);

    public Encoding AddEncoding(Rid? rid)
    {
        var encoding = new Encoding(this, (byte)_encodings.Count, rid);
        if (_downTracks.Count > 0)
            encoding.KeepHistory();
        _encodings.Add(encoding);
        return encoding;
    }

    public void Add(DownTrack downTrack)
    {
        _downTracks.Add(downTrack);
        foreach (var encoding in _encodings)
            encoding.KeepHistory();
    }

    public void Remove(DownTrack downTrack) => _downTracks.Remove(downTrack);

    /// <summary>Tells the publisher's side when other encodings are watched than before, so that the client may stop and start them.</summary>
    public void TellWanted(Instant now)
    {
        if (Layers.IsSimulcast && _wanted.TryChange(now, out var highest))
            Publisher.Tell(new LayersWanted(Publisher.Id, Mid, highest, Layers.RidsUpTo(highest)));
    }

    /// <summary>
    /// The hot path, first half: keeps one new packet. It is forwarded with the others of its batch, subscriber by subscriber, so that the packets of a
    /// frame lie side by side in the outgoing batch and leave as one message.
    /// </summary>
    public void Receive(Encoding encoding, scoped in RtpPacketView packet, ulong sequence, FanOut fanOut, Instant now)
    {
        var layer = default(PacketLayer);
        if (Kind == MediaKind.Video)
        {
            layer = PacketLayerReader.Read(encoding, packet);
            encoding.Tally.Gaps.HandlePacket(packet.Timestamp.Value, now);
            if (layer.StartsKeyFrame)
            {
                encoding.KeyFrames!.HandleKeyFrame(now);
                encoding.Tally.KeyFrames++;
            }
            Layers.HandlePacket(encoding, layer, packet, now);
        }
        if (_downTracks.Count == 0 || encoding.History is not { } history)
            return;
        if (!history.TryStore(sequence, packet))
        {
            Publisher.Drop(DropReason.TooLarge);
            return;
        }
        var isFirst = _pending.Count == 0;
        if (!_pending.HasRoomFor(packet.Packet.Length))
            ForwardPending(now);
        if (isFirst)
            fanOut.Add(this);
        _pending.Add(new(encoding, sequence, layer), packet.Packet.Length);
    }

    /// <summary>The hot path, second half: everything that came since the last time, to everybody who gets this track.</summary>
    public void ForwardPending(Instant now)
    {
        foreach (var downTrack in _downTracks)
        {
            for (_turn = 0; _turn < _pending.Count; _turn++)
            {
                var pending = _pending.All[_turn];
                if (pending.Encoding.History!.TryGet(pending.Sequence, out var stored) && RtpPacketView.TryParse(stored, out var packet, out _))
                    downTrack.Forward(pending.Encoding, packet, pending.Layer, pending.Sequence, now);
            }
        }
        _pending.Clear();
    }

    /// <summary>The packet comes later in the batch that is being forwarded, so nobody needs to fetch it from the history.</summary>
    public bool IsStillToCome(Encoding encoding, ulong sequence)
    {
        for (var later = _turn + 1; later < _pending.Count; later++)
        {
            var pending = _pending.All[later];
            if (pending.Sequence == sequence && pending.Encoding == encoding)
                return true;
        }
        return false;
    }
}
