using MediaNode.Core.Forwarding.Overload;
using MediaNode.Core.Forwarding.Speakers;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>Who is in a conference, and what they are told of one another. All of it belongs to one engine.</summary>
internal sealed class Room(string id, ulong epoch, RoomLimits limits, Queue<RoomEvent> events)
{
    private readonly Dictionary<ulong, Participant> _participants = [];
    private readonly Dictionary<ulong, Peer> _watchers = [];
    private RoomSpeakers? _speakers;

    public string Id { get; } = id;

    /// <summary>Fencing token: commands of an older assignment are refused.</summary>
    public ulong Epoch { get; } = epoch;

    public RoomLimits Limits { get; set; } = limits;

    public RoomSpeakers Speakers => _speakers ??= new(this);

    public RecentlyLeft RecentlyLeft { get; } = new();

    /// <summary>What is kept back of the room's video while the worker has too much to do.</summary>
    public RoomCut Cut { get; set; } = RoomCut.None;

    /// <summary>Number of the last event.</summary>
    public ulong Sequence { get; private set; }

    public IReadOnlyCollection<Participant> Participants => _participants.Values;

    /// <summary>Subscribing peers of nobody in the room.</summary>
    public IReadOnlyCollection<Peer> Watchers => _watchers.Values;

    public bool IsEmpty => _participants.Count == 0 && _watchers.Count == 0;

    /// <summary>The instance of whoever left last: it still has to hear that the room is closed.</summary>
    public string? LastInstance { get; private set; }

    /// <summary>When the last one left; never while somebody is here.</summary>
    public Instant EmptySince { get; set; } = Instant.Never;

    public Participant? Find(ulong participantId) => _participants.GetValueOrDefault(participantId);

    public void Add(Participant participant)
    {
        _participants.Add(participant.Id, participant);
        EmptySince = Instant.Never;
    }

    public void Remove(Participant participant, Instant now)
    {
        _participants.Remove(participant.Id);
        RecentlyLeft.Add(participant.Id, now);
        LastInstance = participant.Instance;
        if (IsEmpty)
            EmptySince = now;
    }

    /// <summary>The limits may be others than before.</summary>
    public void ApplyCaps()
    {
        foreach (var participant in _participants.Values)
            participant.Publisher?.ApplyCap();
    }

    public void AddWatcher(Peer peer)
    {
        _watchers.Add(peer.Id, peer);
        EmptySince = Instant.Never;
    }

    public void RemoveWatcher(Peer peer, Instant now)
    {
        if (!_watchers.Remove(peer.Id))
            return;
        LastInstance = peer.Instance;
        if (IsEmpty)
            EmptySince = now;
    }

    /// <summary>Tells every signalling instance that has somebody in the room.</summary>
    public void Announce(Happening happening, string? alsoTo = null)
    {
        var instances = new HashSet<string>(_participants.Count);
        foreach (var participant in _participants.Values)
            instances.Add(participant.Instance);
        foreach (var watcher in _watchers.Values)
            instances.Add(watcher.Instance);
        if (alsoTo is not null)
            instances.Add(alsoTo);
        AnnounceTo(instances, happening);
    }

    public void AnnounceTo(IReadOnlyCollection<string> instances, Happening happening) =>
        events.Enqueue(new(Id, Epoch, ++Sequence, instances, happening));

    /// <summary>Tells the one instance that holds the client concerned.</summary>
    public void Tell(string instance, Happening happening) => AnnounceTo([instance], happening);
}

/// <param name="MaximumParticipants">0: no limit.</param>
/// <param name="PublisherBitrate">Cap on what each publisher sends, in bits per second; 0: none.</param>
public sealed record RoomLimits(int MaximumParticipants, long PublisherBitrate)
{
    /// <summary>Publishers whose video each subscriber gets: those who spoke last. 0: all.</summary>
    public int MaximumVideoStreams { get; init; }

    /// <summary>Of what publishers offer, these are preferred, the first most; see <see cref="Sdp.CodecPreference"/>.</summary>
    public IReadOnlyList<Rtp.Codec> VideoCodecs { get; init; } = [];

    /// <summary>Publishers whose audio is forwarded: the loudest. 0: all.</summary>
    public int MaximumAudioStreams { get; init; }
}
