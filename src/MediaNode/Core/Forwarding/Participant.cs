using MediaNode.Core.Rtp;

namespace MediaNode.Core.Forwarding;

/// <summary>Somebody in a room: at most one publishing peer, and any number of subscribing ones.</summary>
internal sealed class Participant(Room room, ulong id, string display, string instance)
{
    private readonly Dictionary<ulong, SubscriberPeer> _subscribers = [];
    private PublisherPeer? _publisher;
    private int _mostPeers;

    public Room Room { get; } = room;

    public ulong Id { get; } = id;

    public string Display { get; } = display;

    /// <summary>Most that it wishes to send, over whichever PeerConnection.</summary>
    public Bitrate Cap { get; set; } = Bitrate.Unlimited;

    /// <summary>The signalling instance that holds the participant's connection.</summary>
    public string Instance { get; } = instance;

    /// <summary>Was in the room a moment ago: what it has there is a part of what the node carried then.</summary>
    public bool IsReturning { get; init; }

    public PublisherPeer? Publisher
    {
        get => _publisher;
        set
        {
            _publisher = value;
            _mostPeers = Math.Max(_mostPeers, PeerCount);
        }
    }

    /// <summary>One more peer takes the place of one that was lost: its path may have been away for longer than consent lasts.</summary>
    public bool HasLostPeers => PeerCount < _mostPeers;

    public IReadOnlyCollection<SubscriberPeer> Subscribers => _subscribers.Values;

    /// <summary>A publisher that others can subscribe to: its transport is up.</summary>
    public bool IsPublishing => Publisher is { IsConnected: true };

    public bool HasConnectedPeer => IsPublishing || _subscribers.Values.Any(subscriber => subscriber.IsConnected);

    public ParticipantInfo Info => new(Id, Display, IsPublishing, Publisher?.IsTalking ?? false);

    public PublisherInfo PublisherInfo => new(Id, Display, Publisher?.Streams ?? [], Publisher?.IsTalking ?? false);

    private int PeerCount => _subscribers.Count + (_publisher is null ? 0 : 1);

    public void Add(SubscriberPeer subscriber)
    {
        _subscribers.Add(subscriber.Id, subscriber);
        _mostPeers = Math.Max(_mostPeers, PeerCount);
    }

    public void Remove(SubscriberPeer subscriber) => _subscribers.Remove(subscriber.Id);
}
