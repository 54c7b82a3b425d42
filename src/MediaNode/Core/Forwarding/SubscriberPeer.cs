using System.Diagnostics.CodeAnalysis;
using MediaNode.Core.Congestion;
using MediaNode.Core.Entropy;
using MediaNode.Core.Rtp;
using MediaNode.Core.Sctp;
using MediaNode.Core.Sdp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>A client's receiving PeerConnection: one m-line per subscribed stream, of one publisher or of several.</summary>
internal sealed class SubscriberPeer : Peer
{
    /// <summary>Sender reports and loss figures, at the rate that RFC 3550 section 6.2 allows a point-to-point session and browsers use.</summary>
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    private readonly List<Slot> _slots = [];
    private readonly Participant? _participant;
    private readonly SubscriberControl _control;
    private readonly ulong _sessionId;
    private SubscriberOffer? _offer;
    private ulong _version;
    private Instant _nextReport;

    public SubscriberPeer(EngineContext engine, Room room, ulong id, Participant? participant, string instance, Instant now)
        : base(engine, room, id, participant?.Id ?? 0, instance, now)
    {
        _participant = participant;
        _sessionId = engine.Entropy.UInt32();
        _control = new(this);
        Downlink = new(this, engine);
        DataSubscription = new(this);
    }

    /// <summary>What the way to the client carries, and what is done with it.</summary>
    public Downlink Downlink { get; }

    /// <summary>The node's own cap on what a subscriber is sent.</summary>
    public Bitrate MostBitrate { get; init; } = DownlinkEstimator.Most;

    /// <summary>Whose data channel messages go to the client.</summary>
    public DataSubscription DataSubscription { get; }

    /// <summary>What is on the m-lines now; kept apart from them because every RTCP packet goes over it.</summary>
    public List<DownTrack> DownTracks { get; } = [];

    public IReadOnlyList<SubscribedStreamInfo> Streams => [.. _slots.Select((slot, index) => slot.Describe(index))];

    protected override Instant NextMediaTimeout => Instant.Min(_nextReport, Downlink.NextTimeout);

    /// <summary>Its participant was in the room a moment ago.</summary>
    public bool IsReturning => _participant is { IsReturning: true };

    /// <summary>Streams of these that it does not have yet.</summary>
    public int CountNew(IReadOnlyList<SelectedStream> streams) => streams.Count(stream => IsMedia(stream) && !IsHeld(stream));

    /// <summary>Streams that these would take away.</summary>
    public int CountActive(IReadOnlyList<StreamRemoval> removals) =>
        _slots.Where((slot, index) => slot.Kind != MediaKind.Data && !slot.IsFree && removals.Any(removal => IsMeant(removal, index))).Count();

    /// <summary>Gives each stream an m-line: a free one of its kind, else a new one.</summary>
    public bool TryAdd(IReadOnlyList<SelectedStream> streams, Instant now, out CommandFailure failure)
    {
        failure = null!;
        var wanted = streams.Where(stream => IsMedia(stream) && !IsHeld(stream)).ToList();
        var data = streams.Where(stream => !IsMedia(stream)).ToList();
        var free = wanted.Count(stream => _slots.Exists(slot => slot.IsFree && slot.Kind == stream.Stream.Kind));
        var added = wanted.Count - free + (data.Count > 0 && DataSlot is null ? 1 : 0);
        if (_slots.Count + added > StreamSelection.MaximumStreams)
        {
            failure = CommandFailure.LimitReached($"more than {StreamSelection.MaximumStreams} streams for one peer");
            return false;
        }
        foreach (var stream in wanted)
        {
            var slot = _slots.Find(candidate => candidate.IsFree && candidate.Kind == stream.Stream.Kind);
            if (slot is null)
                _slots.Add(slot = new(stream.Stream.Kind));
            slot.Fill(stream, stream.Track is null ? null : CreateDownTrack(stream.Track, _slots.IndexOf(slot)));
            ListDownTracks();
        }
        foreach (var stream in streams)
        {
            if (stream.Layers is { } layers)
                _slots.Find(slot => slot.Holds(stream))?.Track?.Want(layers, now);
        }
        if (data.Count > 0 && DataSlot is null)
            _slots.Add(new(MediaKind.Data));
        data.ForEach(DataSubscription.Add);
        FillDataSlot();
        return true;
    }

    public void Remove(IReadOnlyList<StreamRemoval> removals, Instant now)
    {
        foreach (var removal in removals)
        {
            for (var i = 0; i < _slots.Count; i++)
            {
                if (_slots[i].Kind == MediaKind.Data)
                    DataSubscription.Remove(publisher => removal.Mid.Length > 0 ? MidOf(i) == removal.Mid : publisher.ParticipantId == removal.PublisherId, now);
                else if (IsMeant(removal, i))
                    Clear(_slots[i], now);
            }
        }
        FillDataSlot();
        ListDownTracks();
    }

    /// <summary>The publisher, or its stream, is gone; the m-line stays and carries nothing.</summary>
    public void Forget(DownTrack track, Instant now)
    {
        if (_slots.Find(slot => slot.Track == track) is { } slot)
            Clear(slot, now);
        ListDownTracks();
    }

    /// <summary>Another stream has taken the place of one, under the same mid of the publisher: it has the same m-line, and the client needs an offer of it.</summary>
    public void Replace(DownTrack before, SelectedStream stream, Instant now)
    {
        var index = _slots.FindIndex(slot => slot.Track == before);
        Clear(_slots[index], now);
        var track = CreateDownTrack(stream.Track!, index);
        track.TakeWishes(before);
        _slots[index].Fill(stream, track);
        ListDownTracks();
    }

    /// <summary>The publisher is gone, and its data channels with it.</summary>
    public void ForgetData(PublisherPeer publisher, Instant now)
    {
        DataSubscription.Remove(gone => gone == publisher, now);
        FillDataSlot();
    }

    /// <summary>Publishers hear of who watches them from the subscription on, not from the first packet on.</summary>
    public void TellWanted(Instant now)
    {
        foreach (var track in DownTracks)
            track.Source.TellWanted(now);
    }

    public void CountDataMessage() => Engine.Counters.DataMessageForwarded();

    public string CreateOffer(Func<Peer, LocalTransport> local)
    {
        var streams = _slots.ConvertAll(slot => slot.Offer());
        _offer = OfferAnswer.CreateSubscriberOffer(local(this), streams, _sessionId, ++_version);
        return _offer.Description.ToString();
    }

    public bool TryAccept(SessionDescription answer, Instant now, [NotNullWhen(false)] out SdpFailure? failure)
    {
        if (_offer is null)
        {
            failure = new(0, "there is no offer to answer");
            return false;
        }
        if (!OfferAnswer.TryAcceptSubscriberAnswer(_offer, answer, out var accepted, out failure))
            return false;
        TakeDescription(accepted.LocalRole, accepted.Remote, answer.SessionId, now);
        for (var i = 0; i < _slots.Count; i++)
        {
            // What took the place of an offered stream meanwhile needs an offer of its own.
            if (_slots[i].Track is not { } track || track != _slots[i].OfferedTrack)
                continue;
            var media = accepted.Media.FirstOrDefault(media => media.Index == i);
            track.IsAccepted = media?.Codec is not null;
            Room.Speakers.Place(track, now);
            if (track.IsAccepted)
                track.Accept(Parameters(track.Source, i, track.Parameters.Ssrc, track.Parameters.RtxSsrc, media!));
        }
        Downlink.HandleStreams(now);
        Ice.SetRemote(accepted.Remote.IceUfrag, accepted.Remote.IcePassword);
        if (!HandshakeStarted)
            StartHandshake(now);
        else if (IsConnected)
            BeginTracks(now);
        UseData(accepted.Media.FirstOrDefault(media => media.Data is not null)?.Data, now);
        return true;
    }

    public CommandFailure? Configure(IReadOnlyList<DownTrackConfiguration> streams, Instant now)
    {
        foreach (var stream in streams)
        {
            if (stream.Mid.Length > 0 && !_slots.Where((_, index) => MidOf(index) == stream.Mid).Any())
                return CommandFailure.NotFound($"the peer has no stream with mid \"{stream.Mid}\"");
        }
        foreach (var stream in streams)
        {
            for (var i = 0; i < _slots.Count; i++)
            {
                if (_slots[i].Track is { } track && (stream.Mid.Length == 0 || MidOf(i) == stream.Mid))
                    Configure(track, stream, now);
            }
        }
        return null;
    }

    /// <param name="bitsPerSecond">Most that the subscriber is sent, within the node's own cap; 0 for no other.</param>
    public void CapBitrate(long bitsPerSecond, Instant now) =>
        Downlink.SetCap(bitsPerSecond > 0 ? Bitrate.Min(new(bitsPerSecond), MostBitrate) : MostBitrate, now);

    /// <summary>Sends an RTCP compound that was written into the batch's reserved room.</summary>
    public new void SendControl(Span<byte> reserved, int length) => base.SendControl(reserved, length);

    /// <summary>Tells the signalling instance that holds the client.</summary>
    public void Tell(Happening happening) => Room.Tell(Instance, happening);

    public void CountFreeze() => Engine.Counters.FreezeForwarded();

    public void CountSwitch() => Engine.Counters.LayerSwitched();

    public Span<byte> Reserve() => Engine.Batch.Reserve();

    protected override void HandlePacket(in RtpPacketView packet, Span<byte> bytes, Instant now) => Drop(DropReason.RtpUnknownSource);

    protected override void HandleControl(ReadOnlySpan<byte> compound, Instant now)
    {
        _control.Handle(compound, now);
        Engine.Deadlines.Schedule(this);
    }

    protected override void HandleMediaTimeout(Instant now)
    {
        Downlink.HandleTimeout(now);
        if (now < _nextReport)
            return;
        _nextReport = now + ReportInterval;
        _control.SendReports(now);
        Downlink.HandleTick(now);
        foreach (var track in DownTracks)
            track.TellChange();
    }

    protected override void HandleData(in DataChannelEvent dataEvent, Instant now)
    {
        // Subscribers only listen: what is to be heard by others goes over the publishing PeerConnection.
        if (dataEvent.Kind == DataChannelEventKind.Message)
            Drop(DropReason.DataUnexpected);
    }

    protected override void HandleConnected(Instant now)
    {
        _nextReport = now + ReportInterval;
        Downlink.Start(now);
        Room.Tell(Instance, new PeerConnected(Id, ParticipantId));
        BeginTracks(now);
    }

    protected override void HandlePathChanged(Instant now) => Downlink.HandlePathChanged(now);

    /// <summary>
    /// The client's new SRTP receiver takes the first packet of a source for one of the first 65,536 (RFC 3711 section 3.3.1): every stream begins its numbers anew, under the SSRC
    /// that was offered. Nothing of the former stream must go out under them.
    /// </summary>
    protected override void HandleAssociationEnded(IReadOnlyCollection<DataChannel> channels, Instant now)
    {
        foreach (var slot in _slots)
        {
            if (slot.Track is not { } before)
                continue;
            before.Source.Remove(before);
            var track = CreateDownTrack(before.Source, before.Parameters.Mid, before.Parameters.Ssrc, before.OfferedRtxSsrc);
            track.TakeWishes(before);
            slot.Renew(track);
        }
        ListDownTracks();
        Downlink.HandlePathChanged(now);
    }

    protected override void HandleClosing(Instant now)
    {
        foreach (var track in DownTracks)
            _control.SendGoodbye(track, now);
    }

    protected override void HandleClosed(string reason, Instant now)
    {
        foreach (var slot in _slots)
            slot.Clear();
        DataSubscription.Remove(_ => true, now);
        DownTracks.Clear();
        _participant?.Remove(this);
        Room.RemoveWatcher(this, now);
        Room.Tell(Instance, new PeerClosed(Id, ParticipantId, reason));
    }

    /// <summary>What was on the m-line comes no more; the m-line stays.</summary>
    private void Clear(Slot slot, Instant now)
    {
        if (slot.Track is { } track && IsConnected)
            _control.SendGoodbye(track, now);
        slot.Clear();
    }

    private Slot? DataSlot => _slots.Find(slot => slot.Kind == MediaKind.Data);

    private void FillDataSlot()
    {
        if (DataSubscription.First is { } stream)
            DataSlot?.Fill(stream, null);
        else
            DataSlot?.Clear();
    }

    private static bool IsMedia(SelectedStream stream) => stream.Stream.Kind != MediaKind.Data;

    private bool IsHeld(SelectedStream stream) => _slots.Exists(slot => slot.Holds(stream));

    private bool IsMeant(StreamRemoval removal, int index) =>
        removal.Mid.Length > 0 ? MidOf(index) == removal.Mid : _slots[index].PublisherId == removal.PublisherId;

    private static string MidOf(int index) => index.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static void Configure(DownTrack track, DownTrackConfiguration configuration, Instant now)
    {
        if (configuration.Send is { } send && track.IsPaused == send)
        {
            track.SetPaused(!send);
            if (send)
                track.RequestKeyFrame(now);
        }
        if (configuration.Layers is { } layers)
            track.Want(layers, now);
    }

    private static DownTrackParameters Parameters(PublishedTrack source, int index, Ssrc ssrc, Ssrc? rtxSsrc, NegotiatedMedia media)
    {
        var transportSequenceId = media.Codec!.Feedback.Contains("transport-cc") ? media.Extensions.GetValueOrDefault(HeaderExtensionUri.TransportSequenceNumber) : (byte)0;
        return new(
            new(MidOf(index)),
            ssrc,
            media.Codec.RetransmissionPayloadType is null ? null : rtxSsrc,
            media.Codec.PayloadType,
            media.Codec.RetransmissionPayloadType,
            media.Codec.Feedback.Contains("nack"),
            HeaderExtensionMap.Between(source.Parameters.Extensions, media.Extensions),
            transportSequenceId,
            transportSequenceId == 0 ? media.Extensions.GetValueOrDefault(HeaderExtensionUri.AbsSendTime) : (byte)0)
        {
            SubscriberExtensions = media.Extensions,
            RedundancyPayloadType = media.Codec.Redundancy?.PayloadType,
            MidExtensionId = media.Extensions.GetValueOrDefault(HeaderExtensionUri.Mid),
            DependencyDescriptorId = media.Extensions.GetValueOrDefault(HeaderExtensionUri.DependencyDescriptor),
            AllowsMixedExtensions = media.AllowsMixedExtensions,
        };
    }

    private void ListDownTracks()
    {
        DownTracks.Clear();
        foreach (var slot in _slots)
        {
            if (slot.Track is { } track)
                DownTracks.Add(track);
        }
        Downlink.HandleTracksChanged();
    }

    /// <summary>Tracks of which nothing has gone out yet: video needs a key frame, audio begins with what there is.</summary>
    private void BeginTracks(Instant now)
    {
        foreach (var track in DownTracks)
        {
            if (track.Current is not null)
                continue;
            track.RequestKeyFrame(now);
            track.BeginWithNewest(now);
        }
    }

    private DownTrack CreateDownTrack(PublishedTrack source, int index)
    {
        var ssrc = new Ssrc(Engine.Entropy.UInt32());
        Ssrc? rtx = source.Kind == MediaKind.Video ? new Ssrc(Engine.Entropy.UInt32()) : null;
        return CreateDownTrack(source, new(MidOf(index)), ssrc, rtx);
    }

    private DownTrack CreateDownTrack(PublishedTrack source, Mid mid, Ssrc ssrc, Ssrc? rtx)
    {
        // The first number lies in the lower half of its range, so that SRTP's rollover count is not in doubt at once (RFC 3711 section 3.3.1).
        var first = Engine.Entropy.UInt32() & 0x3FFF;
        // The real parameters come with the answer; nothing is sent before.
        var track = new DownTrack(this, source, new(mid, ssrc, rtx, default, null, false, HeaderExtensionMap.DropAll), first);
        source.Add(track);
        return track;
    }

    /// <summary>One m-line and what is on it now.</summary>
    private sealed class Slot(MediaKind kind)
    {
        private SelectedStream? _stream;
        private OfferedStream? _lastOffer;

        public MediaKind Kind { get; } = kind;

        public DownTrack? Track { get; private set; }

        /// <summary>What the last offer was about.</summary>
        public DownTrack? OfferedTrack { get; private set; }

        public bool IsFree => _stream is null;

        public ulong? PublisherId => _stream?.Publisher.ParticipantId;

        public bool Holds(SelectedStream other) => _stream is { } stream && stream.Publisher == other.Publisher && stream.Stream.Mid == other.Stream.Mid;

        public void Fill(SelectedStream stream, DownTrack? track)
        {
            _stream = stream;
            Track = track;
        }

        /// <summary>The same stream, as offered, begins anew.</summary>
        public void Renew(DownTrack track) => (OfferedTrack, Track) = (OfferedTrack == Track ? track : null, track);

        public void Clear()
        {
            Track?.Source.Remove(Track);
            Track = null;
            _stream = null;
        }

        public OfferedStream Offer()
        {
            if (Kind == MediaKind.Data)
                return OfferedStream.DataChannels;
            OfferedTrack = Track;
            if (Track is null || _stream is null)
                return _lastOffer = _lastOffer! with { IsActive = false };
            // Audio and video of one publisher share the CNAME, for lip sync, and the MediaStream.
            var publisher = _stream.Publisher.ParticipantId.ToString(System.Globalization.CultureInfo.InvariantCulture);
            return _lastOffer = new(
                Kind,
                Track.Source.Codec,
                Track.Source.Parameters.FormatParameters,
                Track.Parameters.Ssrc,
                Track.Parameters.RtxSsrc ?? Track.OfferedRtxSsrc,
                publisher,
                publisher,
                $"{publisher}-{_stream.Stream.Mid}")
            {
                HasRedundancy = Track.Source.Parameters.RedundancyPayloadType is not null,
            };
        }

        public SubscribedStreamInfo Describe(int index)
        {
            var stream = _stream?.Stream;
            return new(
                new(Kind, index, new(MidOf(index)), stream?.Codec ?? "", stream?.Simulcast ?? false, stream is null),
                _stream?.Publisher.ParticipantId ?? 0,
                _stream?.Publisher.Display ?? "",
                stream?.Mid ?? new(""),
                stream is not null);
        }
    }
}
