using System.Text.Json.Nodes;

namespace SignalingService.IntegrationTests.Fixtures;

/// <summary>As much of a conference client as the tests need.</summary>
internal sealed class JanusClient(JsonSocket socket, long userId) : IAsyncDisposable
{
    private int _transaction;
    private ulong _session;

    public JsonSocket Socket => socket;

    public static async Task<JanusClient> ConnectAsync(Instance instance, long userId)
    {
        var client = new JanusClient(await JsonSocket.OpenAsync($"{instance.WebSocketAddress}/janus", "janus-protocol"), userId);
        var created = await client.RequestAsync("create");
        client._session = created["data"]!["id"]!.GetValue<ulong>();
        return client;
    }

    public async Task<ulong> AttachAsync() =>
        (await RequestAsync("attach", members: new() { ["plugin"] = "janus.plugin.videoroom" }))["data"]!["id"]!.GetValue<ulong>();

    /// <summary>Joins and returns the reply: an error, or the "joined" event.</summary>
    public async Task<JsonNode> JoinAsync(ulong handle, string room)
    {
        var reply = await MessageAsync(handle, new() { ["request"] = "join", ["room"] = room, ["ptype"] = "publisher", ["id"] = userId });
        return (string?)reply["janus"] == "ack" ? await EventAsync(handle, data => (string?)data["videoroom"] == "joined") : reply;
    }

    public async Task<JsonNode> PublishAsync(ulong handle)
    {
        await MessageAsync(handle, new() { ["request"] = "configure" }, new() { ["type"] = "offer", ["sdp"] = "v=0" });
        return await EventAsync(handle, data => data["configured"] is not null);
    }

    public Task<JsonNode> MessageAsync(ulong handle, JsonObject body, JsonObject? jsep = null)
    {
        var members = new JsonObject { ["handle_id"] = handle, ["body"] = body };
        if (jsep is not null)
            members["jsep"] = jsep;
        return RequestAsync("message", members);
    }

    /// <summary>The plugin's data of the next event on a handle that fits.</summary>
    public async Task<JsonNode> EventAsync(ulong handle, Func<JsonNode, bool> wanted) =>
        (await socket.WaitAsync(frame => (ulong?)frame["sender"] == handle && frame["plugindata"]?["data"] is { } data && wanted(data)))["plugindata"]!["data"]!;

    public async Task<JsonNode> RequestAsync(string verb, JsonObject? members = null)
    {
        var transaction = $"t{++_transaction}";
        var message = members ?? [];
        message["janus"] = verb;
        message["transaction"] = transaction;
        message["token"] = Tokens.For(userId);
        if (_session != 0)
            message["session_id"] = _session;
        await socket.SendAsync(message.ToJsonString());
        return await socket.WaitAsync(frame => (string?)frame["transaction"] == transaction);
    }

    public ValueTask DisposeAsync() => socket.DisposeAsync();
}
