using System.Text.Json.Nodes;
using System.Threading.Channels;
using MediaNode.TestPeer.Janus;

namespace LoadGenerator.Signalling.Janus;

/// <summary>One participant: a WebSocket, a session, a handle to publish on, and one for each PeerConnection that receives.</summary>
internal sealed class JanusMember : IMember
{
    private readonly JanusConnection _connection;
    private readonly Identity _identity;
    private readonly JsonValue _room;
    private readonly Announcements _announcements = new();
    private ulong _handle;
    private Task _news = Task.CompletedTask;

    private JanusMember(JanusConnection connection, Identity identity, JsonValue room)
    {
        _connection = connection;
        _identity = identity;
        _room = room;
    }

    public ulong Id => _identity.UserId;

    public ChannelReader<ulong> Publishers => _announcements.Reader;

    public bool FoundPublishers { get; private set; }

    private JsonNode Room => _room.DeepClone();

    public static async Task<JanusMember> ConnectAsync(Uri server, Identity identity, JsonValue room) =>
        new(await JanusConnection.ConnectAsync(server, identity.Token), identity, room);

    public async Task JoinAsync()
    {
        _handle = await _connection.AttachAsync();
        var joined = Reply.Data(await _connection.MessageAsync(_handle, new()
        {
            ["request"] = "join",
            ["room"] = Room,
            ["ptype"] = "publisher",
            ["id"] = Id,
            ["display"] = _identity.Name,
        }));
        FoundPublishers = Announce(joined) > 0;
        _news = FollowNewsAsync();
    }

    public void Watch(ulong publisher)
    {
        FoundPublishers = true;
        _announcements.Add(publisher);
    }

    public async Task<string> PublishAsync(string offer)
    {
        var reply = await _connection.MessageAsync(_handle, new() { ["request"] = "publish" }, Reply.Jsep("offer", offer));
        Reply.Data(reply);
        return Reply.Sdp(reply) ?? throw new JanusException($"no answer to the offer: {reply.ToJsonString()}");
    }

    public async Task<SubscriptionOffer> SubscribeAsync(IReadOnlyList<ulong> publishers)
    {
        var handle = await _connection.AttachAsync();
        return Offer(handle, await _connection.MessageAsync(
            handle, new() { ["request"] = "join", ["room"] = Room, ["ptype"] = "subscriber", ["streams"] = Feeds(publishers) }));
    }

    public async Task<SubscriptionOffer> ExtendAsync(ulong subscription, IReadOnlyList<ulong> publishers) =>
        Offer(subscription, await _connection.MessageAsync(subscription, new() { ["request"] = "subscribe", ["streams"] = Feeds(publishers) }));

    public async Task AnswerAsync(ulong subscription, string answer) =>
        Reply.Data(await _connection.MessageAsync(subscription, new() { ["request"] = "start" }, Reply.Jsep("answer", answer)));

    public async ValueTask DisposeAsync()
    {
        _announcements.Complete();
        await _connection.DisposeAsync();
        await _news;
    }

    private static JsonArray Feeds(IEnumerable<ulong> publishers) => [.. publishers.Select(publisher => new JsonObject { ["feed"] = publisher })];

    private static SubscriptionOffer Offer(ulong handle, JsonNode reply)
    {
        var publishers = new Dictionary<string, ulong>();
        foreach (var stream in Reply.Data(reply)["streams"]?.AsArray() ?? [])
        {
            if (stream?["feed_id"]?.GetValue<ulong>() is { } feed)
                publishers[stream["mid"]!.GetValue<string>()] = feed;
        }
        return new(handle, Reply.Sdp(reply), publishers);
    }

    /// <returns>How many publishers the message names.</returns>
    private int Announce(JsonNode data)
    {
        var publishers = data["publishers"]?.AsArray() ?? [];
        foreach (var publisher in publishers)
            _announcements.Add(publisher!["id"]!.GetValue<ulong>());
        return publishers.Count;
    }

    /// <summary>What the room says by itself, which is what carries no transaction.</summary>
    private async Task FollowNewsAsync()
    {
        try
        {
            while (true)
            {
                var news = await _connection.FrameAsync(
                    frame => frame["transaction"] is null && frame["sender"]?.GetValue<ulong>() == _handle && frame["plugindata"] is not null,
                    Timeout.InfiniteTimeSpan);
                Announce(news["plugindata"]!["data"]!);
            }
        }
        catch (Exception ended) when (ended is JanusException or OperationCanceledException)
        {
            // The connection was closed.
        }
    }
}
