using System.Threading.Channels;
using MediaNode.Control.V1;

namespace LoadGenerator.Signalling.Node;

/// <summary>A participant of a node's room, or with participant id 0 a watcher of it.</summary>
internal sealed class NodeMember(MediaControl.MediaControlClient node, RoomReference room, ulong id, string instance, Func<ulong> nextPeerId, Action<NodeMember> left) : IMember
{
    private readonly Announcements _announcements = new();

    public RoomReference Room { get; } = room;

    public ulong Id { get; } = id;

    public ChannelReader<ulong> Publishers => _announcements.Reader;

    public bool FoundPublishers { get; private set; }

    public static NodeMember Watcher(MediaControl.MediaControlClient node, RoomReference room, ulong publisher, string instance, Func<ulong> nextPeerId)
    {
        var watcher = new NodeMember(node, room, 0, instance, nextPeerId, left: _ => { }) { FoundPublishers = true };
        watcher.Announce(publisher);
        return watcher;
    }

    public async Task JoinAsync()
    {
        var joined = await node.JoinAsync(new() { Room = Room, ParticipantId = Id, Display = $"load {Id}", InstanceId = instance, Settings = new() });
        FoundPublishers = joined.Publishers.Count > 0;
        foreach (var publisher in joined.Publishers)
            Announce(publisher.Id);
    }

    public void Announce(ulong publisher)
    {
        if (publisher != Id)
            _announcements.Add(publisher);
    }

    public async Task<string> PublishAsync(string offer)
    {
        var published = await node.PublishAsync(new() { Room = Room, ParticipantId = Id, PeerId = nextPeerId(), SdpOffer = offer });
        return published.SdpAnswer;
    }

    public async Task<SubscriptionOffer> SubscribeAsync(IReadOnlyList<ulong> publishers)
    {
        var request = new SubscribeRequest { Room = Room, ParticipantId = Id, PeerId = nextPeerId(), InstanceId = instance };
        request.Streams.AddRange(Selectors(publishers));
        return Offer(request.PeerId, await node.SubscribeAsync(request));
    }

    public async Task<SubscriptionOffer> ExtendAsync(ulong subscription, IReadOnlyList<ulong> publishers)
    {
        var request = new UpdateSubscriptionRequest { Room = Room, PeerId = subscription };
        request.Subscribe.AddRange(Selectors(publishers));
        return Offer(subscription, await node.UpdateSubscriptionAsync(request));
    }

    public async Task AnswerAsync(ulong subscription, string answer) =>
        await node.AnswerAsync(new() { Room = Room, PeerId = subscription, SdpAnswer = answer });

    public async ValueTask DisposeAsync()
    {
        _announcements.Complete();
        if (Id == 0)
            return;
        left(this);
        await node.LeaveAsync(new() { Room = Room, ParticipantId = Id, InstanceId = instance });
    }

    private static IEnumerable<StreamSelector> Selectors(IEnumerable<ulong> publishers) =>
        publishers.Select(publisher => new StreamSelector { PublisherId = publisher });

    private static SubscriptionOffer Offer(ulong subscription, SubscribeReply reply) => new(
        subscription,
        reply.SdpOffer.Length == 0 ? null : reply.SdpOffer,
        reply.Streams.ToDictionary(stream => stream.Stream.Mid, stream => stream.PublisherId));
}
