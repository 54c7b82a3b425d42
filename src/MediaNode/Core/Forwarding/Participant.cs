namespace MediaNode.Core.Forwarding;

/// <summary>Somebody in a room: at most one publishing peer, and any number of subscribing ones.</summary>
internal sealed class Participant(Room room, ulong id, string display, string instance)
{
    private readonly Dictionary<ulong, SubscriberPeer> _subscribers = [];

    public Room Room { get; } = room;

    public ulong Id { get; } = id;

    public string Display { get; } = display;

    /// <summary>The signalling instance that holds the participant's connection.</summary>
    public string Instance { get; } = instance;

    public PublisherPeer? Publisher { get; set; }

    public IReadOnlyCollection<SubscriberPeer> Subscribers => _subscribers.Values;

    /// <summary>A publisher that others can subscribe to: its transport is up.</summary>
    public bool IsPublishing => Publisher is { IsConnected: true };

    public bool HasConnectedPeer => IsPublishing || _subscribers.Values.Any(subscriber => subscriber.IsConnected);

    public ParticipantInfo Info => new(Id, Display, IsPublishing, Publisher?.IsTalking ?? false);

    public PublisherInfo PublisherInfo => new(Id, Display, Publisher?.Streams ?? [], Publisher?.IsTalking ?? false);

    public void Add(SubscriberPeer subscriber) => _subscribers.Add(subscriber.Id, subscriber);

    public void Remove(SubscriberPeer subscriber) => _subscribers.Remove(subscriber.Id);
}
