using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using MediaNode.TestPeer.Sockets;

namespace MediaNode.TestPeer.Janus;

/// <summary>
/// A participant without a browser: joins a room, publishes opus and VP8, and subscribes to everybody who is announced, over the same
/// protocols and with the same cryptography as a browser.
/// </summary>
public sealed class JanusParticipant : IAsyncDisposable
{
    /// <summary>Error code of the VideoRoom plugin.</summary>
    private const int NoSuchFeed = 428;

    private readonly PeerLoop _loop;
    private readonly JanusConnection _connection;
    private readonly Dialect _dialect;
    private readonly ConcurrentDictionary<ulong, Subscription> _subscriptions = new();
    private readonly ConcurrentDictionary<ulong, bool> _left = new();
    private readonly TaskCompletionSource<string> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource<string> _nodeLost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private UdpRtcClient? _publisher;
    private ulong _handle;
    private string _room = "";
    private Task _news = Task.CompletedTask;

    private JanusParticipant(PeerLoop loop, JanusConnection connection, Identity identity, Dialect dialect)
    {
        _loop = loop;
        _connection = connection;
        Identity = identity;
        _dialect = dialect;
    }

    public Identity Identity { get; }

    public JanusConnection Connection => _connection;

    /// <summary>Handle of the publisher.</summary>
    public ulong Handle => _handle;

    /// <summary>By the publisher's user id.</summary>
    public IReadOnlyDictionary<ulong, Subscription> Subscriptions => _subscriptions;

    /// <summary>Users of whom "leaving" was heard.</summary>
    public ICollection<ulong> Left => _left.Keys;

    /// <summary>Completes when the room's node was lost, or the connection: the participant has to join again.</summary>
    public Task<string> Interrupted => Task.WhenAny(_nodeLost.Task, _connection.Closed).Unwrap();

    /// <summary>Completes with what went wrong while following the room's news.</summary>
    public Task<string> Failed => _failed.Task;

    public static async Task<JanusParticipant> ConnectAsync(PeerLoop loop, Uri gateway, Identity identity, Dialect dialect)
    {
        var connection = await JanusConnection.ConnectAsync(gateway, identity.Token);
        var participant = new JanusParticipant(loop, connection, identity, dialect) { _handle = await connection.AttachAsync() };
        participant._news = participant.FollowNewsAsync();
        return participant;
    }

    /// <summary>Joins and publishes; those who publish already are subscribed to afterwards, as the SDK does. Also joins again.</summary>
    public async Task JoinAsync(string room)
    {
        await CloseMediaAsync();
        _nodeLost = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _room = room;
        var joined = Data(await _connection.MessageAsync(_handle, new()
        {
            ["request"] = "join",
            ["room"] = room,
            ["ptype"] = "publisher",
            ["id"] = Identity.UserId,
            ["display"] = Identity.Name,
        }));
        await PublishAsync();
        await SubscribeAsync(joined["publishers"]!.AsArray());
    }

    public async Task LeaveAsync()
    {
        Data(await _connection.MessageAsync(_handle, new() { ["request"] = "leave", ["room"] = null, ["id"] = Identity.UserId }));
        await CloseMediaAsync();
    }

    /// <summary>Ids of those in the room.</summary>
    public async Task<IReadOnlyList<ulong>> ListParticipantsAsync()
    {
        var reply = Data(await _connection.MessageAsync(_handle, new() { ["request"] = "listparticipants", ["room"] = _room }));
        return [.. reply["participants"]!.AsArray().Select(participant => participant!["id"]!.GetValue<ulong>())];
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _news;
        await CloseMediaAsync();
    }

    private static JsonNode Data(JsonNode reply) =>
        reply["plugindata"]?["data"] is { } data && data["error_code"] is null ? data : throw new JanusException(reply.ToJsonString());

    private async Task PublishAsync()
    {
        var publisher = _publisher = await _loop.AddAsync(IPAddress.Any);
        // Three sources each; user ids are unique in a room, so these are.
        var (offer, accept) = await _loop.RunAsync(_ => SentMedia.Offer(publisher.Rtc, (uint)(Identity.UserId * 4), $"user-{Identity.UserId}"));
        var reply = await _connection.MessageAsync(
            _handle, new() { ["request"] = "configure", ["audio"] = true, ["video"] = true }, new() { ["type"] = "offer", ["sdp"] = offer });
        Data(reply);
        var answer = reply["jsep"]!["sdp"]!.GetValue<string>();
        await _loop.RunAsync(now => publisher.Media = accept(answer, now));
    }

    private async Task SubscribeAsync(JsonArray publishers)
    {
        foreach (var publisher in publishers)
        {
            var feed = publisher!["id"]!.GetValue<ulong>();
            if (!_subscriptions.ContainsKey(feed))
                await SubscribeAsync(feed);
        }
    }

    private async Task SubscribeAsync(ulong feed)
    {
        var handle = await _connection.AttachAsync();
        var attached = await _connection.MessageAsync(handle, new()
        {
            ["request"] = "join",
            ["room"] = _room,
            ["ptype"] = _dialect == Dialect.Sdk ? "listener" : "subscriber",
            ["feed"] = feed,
        });
        if (attached["plugindata"]?["data"]?["error_code"]?.GetValue<int>() == NoSuchFeed)
        {
            // Left between the news and the request.
            await _connection.RequestAsync("detach", new() { ["handle_id"] = handle });
            return;
        }
        if (Data(attached)["id"]?.GetValue<ulong>() != feed)
            throw new JanusException($"the SDK takes no offer without the feed's id: {attached.ToJsonString()}");
        var offer = attached["jsep"]!["sdp"]!.GetValue<string>();
        var client = await _loop.AddAsync(IPAddress.Any);
        var media = new ReceivedMedia(client.Rtc);
        _subscriptions[feed] = new(_loop, client, media, handle);
        var answer = await _loop.RunAsync(now =>
        {
            client.Media = media;
            return media.Answer(offer, now);
        });
        Data(await _connection.MessageAsync(
            handle, new() { ["request"] = "start", ["room"] = _room }, new() { ["type"] = "answer", ["sdp"] = answer }));
    }

    /// <summary>What the room says by itself, which is what carries no transaction.</summary>
    private async Task FollowNewsAsync()
    {
        try
        {
            while (true)
            {
                var frame = await _connection.FrameAsync(
                    frame => frame["transaction"] is null && frame["sender"]?.GetValue<ulong>() == _handle && frame["plugindata"] is not null,
                    Timeout.InfiniteTimeSpan);
                await ReactAsync(frame["plugindata"]!["data"]!);
            }
        }
        catch (Exception) when (_connection.Closed.IsCompleted)
        {
            // Interrupted tells it.
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
        catch (Exception problem)
        {
            _failed.TrySetResult(problem.Message);
        }
    }

    private async Task ReactAsync(JsonNode data)
    {
        if (data["publishers"] is JsonArray publishers)
            await SubscribeAsync(publishers);
        else if (data["leaving"] is JsonValue leaving && leaving.TryGetValue(out ulong gone))
            await ForgetAsync(gone);
        else if (data["error_code"] is not null)
            _nodeLost.TrySetResult(data.ToJsonString());
    }

    private async Task ForgetAsync(ulong user)
    {
        if (_subscriptions.TryRemove(user, out var subscription))
        {
            await subscription.CloseAsync();
            await _connection.RequestAsync("detach", new() { ["handle_id"] = subscription.Handle });
        }
        _left[user] = true;
    }

    private async Task CloseMediaAsync()
    {
        foreach (var subscription in _subscriptions.Values)
            await subscription.CloseAsync();
        _subscriptions.Clear();
        if (_publisher is { } publisher)
            await _loop.RemoveAsync(publisher);
        _publisher = null;
    }
}
