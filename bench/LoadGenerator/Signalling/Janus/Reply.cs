using System.Text.Json.Nodes;
using MediaNode.TestPeer.Janus;

namespace LoadGenerator.Signalling.Janus;

/// <summary>Reading what the VideoRoom plugin says.</summary>
internal static class Reply
{
    public static JsonNode Data(JsonNode reply) =>
        reply["plugindata"]?["data"] is { } data && data["error_code"] is null ? data : throw new JanusException(reply.ToJsonString());

    public static string? Sdp(JsonNode reply) => reply["jsep"]?["sdp"]?.GetValue<string>();

    /// <summary>A description whose candidates are all in it.</summary>
    public static JsonObject Jsep(string type, string sdp) => new() { ["type"] = type, ["sdp"] = sdp, ["trickle"] = false };
}
