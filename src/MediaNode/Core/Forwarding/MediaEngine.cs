using MediaNode.Core.Congestion;
using MediaNode.Core.Forwarding.Overload;
using MediaNode.Core.Forwarding.Statistics;
using MediaNode.Core.Net;
using MediaNode.Core.Rtp;
using MediaNode.Core.Sdp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>
/// The conferences of one worker. Datagrams, commands and the time go in; datagrams (into the batch), events and the next deadline come out.
/// Single writer: all members but the counters belong to one thread. Any number of mutations, then <see cref="Flush"/> and drain the events.
/// </summary>
public sealed class MediaEngine
{
    private const int SlabBytes = 4 << 20;

    private readonly MediaEngineOptions _options;
    private readonly EngineContext _context;
    private readonly DatagramRouter _router;
    private readonly RoomTable _rooms;
    private readonly LoadShedding _shedding;
    private readonly Queue<RoomEvent> _events = new();

    public MediaEngine(MediaEngineOptions options)
    {
        _options = options;
        Batch = new(options.Transmitter, SlabBytes);
        _context = new(Batch, options.Dtls, options.Entropy, options.Clock);
        _router = new(_context);
        _rooms = new(options.MaximumRooms, _events);
        _shedding = new(_rooms);
    }

    public TransmitBatch Batch { get; }

    public DropCounters Drops => _context.Drops;

    public MediaCounters Counters => _context.Counters;

    /// <summary>May be read by any thread, which sees a value of a moment ago.</summary>
    public int PeerCount => _context.Peers.Count;

    /// <summary>Share of the video wanted that is sent, 1 unless the thread has too much to do. May be read by any thread.</summary>
    public double VideoKept => _shedding.Kept;

    /// <summary>Rooms that get less video than they want for that reason. May be read by any thread.</summary>
    public int CutRooms => _shedding.CutRooms;

    /// <summary>When a client that is still connecting was last heard: its next step is near, and it waits for each answer.</summary>
    public Instant LastHandshakeStep => _context.LastHandshakeStep;

    /// <summary>How often <see cref="HandlePressure"/> wants to be called.</summary>
    public static TimeSpan PressureWindow => OverloadControl.Window;

    public Instant NextTimeout => Instant.Min(_context.Deadlines.Next, _rooms.NextTimeout);

    /// <summary>Takes one datagram of a batch. What it causes to be forwarded waits for <see cref="Flush"/>, which ends the batch.</summary>
    public void HandleDatagram(in TransportAddress source, Span<byte> datagram, Instant now)
    {
        try
        {
            _router.Handle(source, datagram, now);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            _context.Faults.Contain(_context.Peers.ByAddress(source), exception, now);
        }
    }

    /// <summary>Forwards what came in since the last time, and hands everything that is to go out to the transmitter.</summary>
    public void Flush(Instant now)
    {
        _context.FanOut.Run(now);
        Batch.Flush();
    }

    /// <summary>Sheds video while the thread that drives the engine has more to do than it can, and takes it up again.</summary>
    /// <param name="busy">Share of its time that the thread worked since the last call, 0 to 1.</param>
    /// <param name="backlog">How full the socket is of datagrams that came and were not handled yet, 0 to 1.</param>
    /// <param name="now">The current moment.</param>
    /// <returns>True when <see cref="VideoKept"/> or <see cref="CutRooms"/> changed.</returns>
    public bool HandlePressure(double busy, double backlog, Instant now) => _shedding.Take(busy, backlog, now);

    public void HandleTimeout(Instant now)
    {
        HandlePeerTimeouts(now);
        _rooms.HandleTimeout(now, _options.EmptyRoomTimeout);
    }

    public bool TryTakeEvent(out RoomEvent roomEvent) => _events.TryDequeue(out roomEvent!);

    /// <summary>Takes a broken invariant that has cost a session its life, for the log.</summary>
    public bool TryTakeFault(out SessionFault fault) => _context.Faults.TryTake(out fault);

    /// <summary>A TCP connection has ended: its peer goes on by another address that passed a check, if it has one.</summary>
    public void HandleConnectionLost(in TransportAddress address, Instant now)
    {
        var peer = _context.Peers.ByAddress(address);
        try
        {
            peer?.HandleConnectionLost(address, now);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            _context.Faults.Contain(peer, exception, now);
        }
    }

    /// <summary>True while the room is open, under any epoch.</summary>
    public bool HasRoom(string roomId) => _rooms.Contains(roomId);

    /// <param name="roomId">The room; opened if it is not there.</param>
    /// <param name="epoch">Its assignment.</param>
    /// <param name="participantId">Who joins; somebody of the same id leaves.</param>
    /// <param name="display">Name for others.</param>
    /// <param name="instance">The signalling instance that holds the connection.</param>
    /// <param name="limits">The room's from now on.</param>
    /// <param name="now">The current moment.</param>
    /// <param name="refusal">Why the node takes nobody new; null while it does. Whoever was in the room a moment ago is not new.</param>
    public CommandResult<Joined> Join(
        string roomId, ulong epoch, ulong participantId, string display, string instance, RoomLimits limits, Instant now, string? refusal = null)
    {
        if (!_rooms.TryOpen(roomId, epoch, limits, now, out var room, out var failure))
            return failure;
        room.ApplyCaps();
        var ghost = room.Find(participantId);
        var isReturning = ghost is not null || room.RecentlyLeft.Contains(participantId, now);
        // No limit of the node to the caller, although it is one: the room is here, and its people must not be split over two nodes.
        if (refusal is not null && !isReturning)
            return CommandFailure.LimitReached(refusal);
        if (ghost is null && limits.MaximumParticipants > 0 && room.Participants.Count >= limits.MaximumParticipants)
            return CommandFailure.LimitReached($"room {roomId} has its {limits.MaximumParticipants} participants");
        if (ghost is not null)
            Departure.Leave(ghost, "replaced", now);
        var participant = new Participant(room, participantId, display, instance) { IsReturning = isReturning };
        room.Add(participant);
        room.Announce(new ParticipantJoined(participant.Info));
        var others = room.Participants.Where(other => other != participant && other.IsPublishing).Select(other => other.PublisherInfo);
        return new Joined([.. others], room.Sequence);
    }

    /// <param name="roomId">The room.</param>
    /// <param name="epoch">Its assignment.</param>
    /// <param name="participantId">Who leaves.</param>
    /// <param name="instance">When given, only a participant of this instance leaves.</param>
    /// <param name="now">The current moment.</param>
    public CommandResult<Done> Leave(string roomId, ulong epoch, ulong participantId, string? instance, Instant now)
    {
        if (!_rooms.TryFind(roomId, epoch, out var room, out var failure))
            return failure.Kind == CommandFailureKind.NotFound ? new Done() : failure;
        if (room.Find(participantId) is { } participant && (instance is null || participant.Instance == instance))
            Departure.Leave(participant, "left", now);
        return new Done();
    }

    /// <param name="roomId">The room.</param>
    /// <param name="epoch">Its assignment.</param>
    /// <param name="participantId">Who publishes.</param>
    /// <param name="peerId">Chosen by the caller; that of the publishing peer to negotiate it again.</param>
    /// <param name="sdpOffer">The client's.</param>
    /// <param name="bitrateCap">The client's wish, in bits per second; 0 for none, null for what it was.</param>
    /// <param name="now">The current moment.</param>
    /// <param name="codecs">Those that the client wishes for; none, or null, for the ones that it asked for before.</param>
    /// <param name="refusal">Why the node takes no new peer; null while it does.</param>
    public CommandResult<Published> Publish(
        string roomId, ulong epoch, ulong participantId, ulong peerId, string sdpOffer, long? bitrateCap, Instant now,
        IReadOnlyList<Codec>? codecs = null, string? refusal = null)
    {
        if (!_rooms.TryFind(roomId, epoch, out var room, out var failure))
            return failure;
        if (room.Find(participantId) is not { } participant)
            return CommandFailure.NotFound($"participant {participantId} is not in room {roomId}: join first");
        if (!SessionDescription.TryParse(sdpOffer, out var offer, out var sdpFailure))
            return CommandFailure.Invalid($"SDP offer: {sdpFailure}");
        var known = participant.Publisher is { } current && current.Id == peerId ? current : null;
        if (known is null && CheckNewPeer(peerId, participant, replaces: participant.Publisher is not null, refusal) is { } refused)
            return refused;
        var publisher = known ?? new PublisherPeer(_context, participant, peerId, now);
        var wished = codecs is { Count: > 0 } ? codecs : publisher.WishedCodecs;
        if (!publisher.TryNegotiate(offer, wished, Local, now, out var answer, out sdpFailure))
            return CommandFailure.Invalid($"SDP offer: {sdpFailure}");
        if (known is null)
        {
            participant.Publisher?.Close("replaced", now);
            participant.Publisher = publisher;
            _context.Peers.TryAdd(publisher);
        }
        publisher.Start(now);
        if (bitrateCap is { } cap)
            publisher.CapBitrate(cap);
        else
            publisher.ApplyCap();
        return new Published(answer, publisher.Streams);
    }

    /// <param name="roomId">The room.</param>
    /// <param name="epoch">Its assignment.</param>
    /// <param name="participantId">The subscriber; 0 for a watcher that did not join.</param>
    /// <param name="peerId">Chosen by the caller.</param>
    /// <param name="wishes">Which streams.</param>
    /// <param name="instance">Owner of a watcher's peer.</param>
    /// <param name="now">The current moment.</param>
    /// <param name="refusal">Why the node takes no new peer; null while it does.</param>
    public CommandResult<Subscribed> Subscribe(
        string roomId, ulong epoch, ulong participantId, ulong peerId, IReadOnlyList<StreamWish> wishes, string instance, Instant now, string? refusal = null)
    {
        if (!_rooms.TryFind(roomId, epoch, out var room, out var failure))
            return failure;
        var participant = room.Find(participantId);
        if (participant is null && participantId != 0)
            return CommandFailure.NotFound($"participant {participantId} is not in room {roomId}: join first");
        if (CheckNewPeer(peerId, participant, replaces: false, refusal) is { } refused)
            return refused;
        if (participant is not null && participant.Subscribers.Count >= _options.MaximumSubscribersPerParticipant)
            return CommandFailure.LimitReached($"participant {participantId} has its {_options.MaximumSubscribersPerParticipant} subscribing peers");
        if (participant is null && room.Watchers.Count >= _options.MaximumWatchersPerRoom)
            return CommandFailure.LimitReached($"room {roomId} has its {_options.MaximumWatchersPerRoom} watchers");
        if (!StreamSelection.TryFind(room, wishes, out var tracks, out failure))
            return failure;
        var subscriber = new SubscriberPeer(_context, room, peerId, participant, participant?.Instance ?? instance, now)
        {
            MostBitrate = _options.SubscriberBitrate > 0 ? new(_options.SubscriberBitrate) : DownlinkEstimator.Most,
        };
        if (!subscriber.TryAdd(tracks, now, out failure))
            return failure;
        subscriber.CapBitrate(0, now);
        _context.Peers.TryAdd(subscriber);
        participant?.Add(subscriber);
        if (participant is null)
            room.AddWatcher(subscriber);
        _context.Deadlines.Schedule(subscriber);
        subscriber.TellWanted(now);
        return new Subscribed(subscriber.CreateOffer(Local), subscriber.Streams);
    }

    /// <param name="roomId">The room.</param>
    /// <param name="epoch">Its assignment.</param>
    /// <param name="peerId">The subscribing peer.</param>
    /// <param name="added">Streams that it wants beside those that it has.</param>
    /// <param name="removed">Streams that it wants no longer.</param>
    /// <param name="restartsIce">The offer names new ICE credentials.</param>
    /// <param name="now">The current moment.</param>
    /// <param name="refusal">Why the node takes nothing new; null while it does. Another stream in the place of one is nothing new.</param>
    public CommandResult<Subscribed> UpdateSubscription(
        string roomId,
        ulong epoch,
        ulong peerId,
        IReadOnlyList<StreamWish> added,
        IReadOnlyList<StreamRemoval> removed,
        bool restartsIce,
        Instant now,
        string? refusal = null)
    {
        if (!TryFindSubscriber(roomId, epoch, peerId, out var subscriber, out var failure))
            return failure;
        if (!StreamSelection.TryFind(subscriber.Room, added, out var tracks, out failure))
            return failure;
        if (refusal is not null && !subscriber.IsReturning && subscriber.CountNew(tracks) > subscriber.CountActive(removed))
            return CommandFailure.NodeFull(refusal);
        subscriber.Remove(removed, now);
        if (!subscriber.TryAdd(tracks, now, out failure))
            return failure;
        if (restartsIce)
            subscriber.RestartIce();
        subscriber.TellWanted(now);
        return new Subscribed(subscriber.CreateOffer(Local), subscriber.Streams);
    }

    public CommandResult<Done> Answer(string roomId, ulong epoch, ulong peerId, string sdpAnswer, Instant now)
    {
        if (!TryFindSubscriber(roomId, epoch, peerId, out var subscriber, out var failure))
            return failure;
        if (!SessionDescription.TryParse(sdpAnswer, out var answer, out var sdpFailure) || !subscriber.TryAccept(answer, now, out sdpFailure))
            return CommandFailure.Invalid($"SDP answer: {sdpFailure}");
        return new Done();
    }

    public CommandResult<Done> Configure(string roomId, ulong epoch, ulong peerId, PeerConfiguration configuration, Instant now)
    {
        if (!_rooms.TryFind(roomId, epoch, out var room, out var failure))
            return failure;
        switch (_context.Peers.ById(peerId))
        {
            case PublisherPeer publisher when publisher.Room == room:
                if (configuration.BitrateCap is { } cap)
                    publisher.CapBitrate(cap);
                if (configuration.KeyFrame)
                    publisher.RequestKeyFrames(now);
                return new Done();
            case SubscriberPeer subscriber when subscriber.Room == room:
                if (configuration.BitrateCap is { } most)
                    subscriber.CapBitrate(most, now);
                return subscriber.Configure(configuration.Streams, now) is { } problem ? problem : new Done();
            default:
                return CommandFailure.NotFound($"no peer {peerId} in room {roomId}");
        }
    }

    public CommandResult<Done> ClosePeer(string roomId, ulong epoch, ulong peerId, Instant now)
    {
        if (!_rooms.TryFind(roomId, epoch, out var room, out var failure))
            return failure.Kind == CommandFailureKind.NotFound ? new Done() : failure;
        if (_context.Peers.ById(peerId) is { } peer && peer.Room == room)
            peer.Close("closed", now);
        return new Done();
    }

    public CommandResult<IReadOnlyList<ParticipantInfo>> ListParticipants(string roomId, ulong epoch)
    {
        if (!_rooms.TryFind(roomId, epoch, out var room, out var failure))
            return failure;
        return new([.. room.Participants.Select(participant => participant.Info)], null);
    }

    public CommandResult<Done> CloseRoom(string roomId, ulong epoch, string reason, Instant now)
    {
        if (!_rooms.TryFind(roomId, epoch, out var room, out var failure))
            return failure.Kind == CommandFailureKind.NotFound ? new Done() : failure;
        _rooms.Close(room, reason, now);
        return new Done();
    }

    /// <summary>Removes whoever belongs to a signalling instance that is gone and has no connected peer; running media is left alone.</summary>
    /// <returns>How many were removed, and how many of the instance are still here.</returns>
    public (int Removed, int Remaining) RemoveOrphans(string instance, Instant now) => _rooms.RemoveOrphans(instance, now);

    /// <summary>The peers of one room, or of all: to be read a few at a time.</summary>
    public IReadOnlyList<ulong> ListPeers(string? roomId) => _context.Peers.List(roomId);

    /// <summary>What is known of some peers now; those that are gone are left out. Takes about a microsecond a stream.</summary>
    public IReadOnlyList<PeerStatistics> ReadStatistics(IReadOnlyList<ulong> peers, Instant now)
    {
        var read = new List<PeerStatistics>(peers.Count);
        foreach (var id in peers)
        {
            if (_context.Peers.ById(id) is { } peer)
                read.Add(StatisticsReader.Read(peer, now));
        }
        return read;
    }

    private void HandlePeerTimeouts(Instant now)
    {
        // Each once: whoever is due again at once has the next turn, so that a mistake of one does not take the worker from all.
        var left = _context.Deadlines.Count;
        ITimed? due = null;
        while (left > 0)
        {
            try
            {
                while (left-- > 0)
                {
                    if (!_context.Deadlines.TryTakeDue(now, out due))
                        return;
                    due.HandleTimeout(now);
                }
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                _context.Faults.Contain(due as Peer, exception, now);
            }
        }
    }

    private LocalTransport Local(Peer peer) =>
        new(peer.Ice.LocalUfrag, peer.Ice.LocalPassword, _options.Certificate.Sha256Fingerprint, _options.Candidates, IsIceLite: true)
        {
            TcpCandidates = _options.TcpCandidates,
        };

    /// <param name="peerId">Of the new one.</param>
    /// <param name="participant">Whose; null for a watcher.</param>
    /// <param name="replaces">Another peer goes when this one comes.</param>
    /// <param name="refusal">Why the node takes none that is new to it.</param>
    private CommandFailure? CheckNewPeer(ulong peerId, Participant? participant, bool replaces, string? refusal)
    {
        if (_context.Peers.ById(peerId) is not null)
            return new(CommandFailureKind.AlreadyExists, $"peer id {peerId} is taken");
        if (replaces)
            return null;
        if (refusal is not null && participant is not { IsReturning: true } and not { HasLostPeers: true })
            return CommandFailure.NodeFull(refusal);
        return _context.Peers.Count >= _options.MaximumPeers ? CommandFailure.NodeFull($"the worker has its {_options.MaximumPeers} peers") : null;
    }

    private bool TryFindSubscriber(string roomId, ulong epoch, ulong peerId, out SubscriberPeer subscriber, out CommandFailure failure)
    {
        subscriber = null!;
        if (!_rooms.TryFind(roomId, epoch, out var room, out failure))
            return false;
        if (_context.Peers.ById(peerId) is SubscriberPeer found && found.Room == room)
        {
            subscriber = found;
            return true;
        }
        failure = CommandFailure.NotFound($"no subscribing peer {peerId} in room {roomId}");
        return false;
    }
}
