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
    private TrackParameters? _former;

    /// <summary>Index of the pending packet that is being forwarded.</summary>
    private int _turn;

    public PublishedTrack(PublisherPeer publisher, Mid mid, TrackParameters parameters)
    {
        Publisher = publisher;
        Mid = mid;
        Parameters = parameters;
        Layers = new(this);
        Wanted = new(this);
        for (var i = 0; i < parameters.Encodings; i++)
            _encodings.Add(new(this, (byte)i, i < parameters.Rids.Length ? parameters.Rids[i] : null));
    }

    /// <summary>What of the track comes, and at what cost.</summary>
    public TrackLayers Layers { get; }

    /// <summary>What of it somebody watches.</summary>
    public WantedLayers Wanted { get; }

    public PublisherPeer Publisher { get; }

    public Mid Mid { get; }

    /// <summary>As of the publisher's last offer.</summary>
    public TrackParameters Parameters { get; private set; }

    public MediaKind Kind => Parameters.Kind;

    public Codec Codec => Parameters.Codec;

    public int ClockRate => Parameters.ClockRate;

    public PayloadType PayloadType => Parameters.PayloadType;

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

    public bool IsRedundant(scoped in RtpPacketView packet) => Parameters.IsRedundant(packet.PayloadType);

    /// <summary>The packet's payload is the track's media, plain or redundant: no retransmission.</summary>
    public bool IsMedia(scoped in RtpPacketView packet) => Parameters.IsMedia(packet.PayloadType);

    /// <summary>The publisher has offered the same stream again, perhaps under other numbers.</summary>
    /// <param name="parameters">Continue those before.</param>
    public void Renegotiate(TrackParameters parameters)
    {
        var before = Parameters;
        Parameters = parameters;
        foreach (var encoding in _encodings)
            encoding.HandleRenegotiated();
        if (parameters.ReadsLike(before))
            return;
        _former = before;
        foreach (var encoding in _encodings)
            encoding.History?.Clear();
        foreach (var downTrack in _downTracks)
            downTrack.HandleSourceRenumbered();
    }

    /// <summary>Gives a packet the present numbers that comes under those of the offer before.</summary>
    public void Translate(scoped in RtpPacketView packet, Span<byte> bytes)
    {
        if (_former is not null)
            FormerNumbers.Translate(packet, bytes, _former, Parameters);
    }

    public void Add(DownTrack downTrack)
    {
        _downTracks.Add(downTrack);
        foreach (var encoding in _encodings)
            encoding.KeepHistory();
    }

    public void Remove(DownTrack downTrack) => _downTracks.Remove(downTrack);

    /// <summary>Whoever watches an encoding that has ended gets another one at once, if there is any.</summary>
    public void HandleEnded(Encoding encoding, Instant now)
    {
        Layers.HandleStopped(encoding);
        foreach (var downTrack in _downTracks)
            downTrack.HandleLayersChanged(now);
    }

    /// <summary>Tells the publisher's side when other layers of its video are watched than before, so that the client may stop and start them.</summary>
    public void TellWanted(Instant now)
    {
        if (Kind != MediaKind.Video || !Wanted.TryChange(now, out var highest))
            return;
        var layer = (byte)Math.Max(highest, 0);
        byte? spatial = !Layers.IsSimulcast && Layers.HighestRank > 0 ? layer : null;
        Publisher.Tell(new LayersWanted(Publisher.Id, Mid, highest != WantedLayers.None, Layers.IsSimulcast ? layer : (byte)0, spatial, Layers.RidsUpTo(layer)));
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
            if (encoding.Tally.Gaps.HandlePacket(packet.Timestamp.Value, now))
                Publisher.CountFreeze();
            if (layer.StartsKeyFrame)
                encoding.HandleKeyFrame(packet.Timestamp.Value, now);
            Layers.HandlePacket(encoding, layer, packet, now);
        }
        if (_downTracks.Count == 0 || encoding.History is not { } history)
            return;
        if (!history.TryStore(sequence, packet, out var refusal))
        {
            Publisher.Drop(refusal);
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

    /// <summary>The packet that came last, unless it is about to be forwarded anyway.</summary>
    /// <param name="age">The oldest that is of use.</param>
    public bool TryGetNewest(TimeSpan age, Instant now, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Encoding? encoding, out RtpPacketView packet)
    {
        encoding = Encodings[0];
        packet = default;
        return _pending.Count == 0 && encoding.LastPacketAt != Instant.Never && now - encoding.LastPacketAt < age
            && encoding.History is { } history && history.TryGet(encoding.Highest, out var stored) && RtpPacketView.TryParse(stored, out packet, out _);
    }

    /// <summary>One of the packets cannot be forwarded, and nobody knows which.</summary>
    public void DiscardPending() => _pending.Clear();

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
