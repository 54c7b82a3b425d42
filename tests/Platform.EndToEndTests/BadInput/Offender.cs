using System.Text.Json.Nodes;
using MediaNode.TestPeer.Janus;

namespace Platform.EndToEndTests.BadInput;

/// <summary>A client with a session and a handle, about to do something wrong.</summary>
internal sealed record Offender(JanusConnection Connection, ulong Handle, Identity User, string Room, string Offer)
{
    /// <summary>Sends a text, and takes the next frame for the answer.</summary>
    public async Task<JsonNode> SayAsync(string text)
    {
        await Connection.SendAsync(text);
        return await Connection.FrameAsync(_ => true);
    }

    public Task<JsonNode> AskAsync(JsonObject body, JsonObject? jsep = null) => Connection.MessageAsync(Handle, body, jsep);

    public JsonObject Join() => new() { ["request"] = "join", ["room"] = Room, ["ptype"] = "publisher", ["id"] = User.UserId };

    /// <summary>Joins, and then configures with this.</summary>
    public async Task<JsonNode> ConfigureAsync(string type, JsonNode sdp)
    {
        var joined = await AskAsync(Join());
        Assert.Equal("joined", joined["plugindata"]?["data"]?["videoroom"]?.GetValue<string>());
        return await AskAsync(new() { ["request"] = "configure", ["audio"] = true, ["video"] = true }, new() { ["type"] = type, ["sdp"] = sdp });
    }

    public Task<JsonNode> OfferAsync(Func<string, string> change) => ConfigureAsync("offer", change(Offer));
}
