using System.Text.Json.Serialization;

namespace SignalingService.Sessions;

/// <summary>One frame to the client. The members are the wire's own; those that are null are left out.</summary>
/// <param name="Janus">The kind: ack, success, error, event, webrtcup, media, slowlink, hangup, timeout, pong, server_info.</param>
internal sealed record ServerMessage(string Janus)
{
    public ulong? SessionId { get; init; }
    public string? Transaction { get; init; }

    /// <summary>The handle that the message is about.</summary>
    public ulong? Sender { get; init; }
    public MadeId? Data { get; init; }
    public Refusal? Error { get; init; }

    [JsonPropertyName("plugindata")]
    public PluginData? Plugin { get; init; }
    public SessionDescription? Jsep { get; init; }
    public string? Reason { get; init; }

    public string? Type { get; init; }
    public bool? Receiving { get; init; }
    public bool? Uplink { get; init; }
    public uint? Lost { get; init; }
    public string? Media { get; init; }
    public string? Mid { get; init; }

    public string? Name { get; init; }
    public string? VersionString { get; init; }

    /// <summary>Seconds without a request after which a session ends.</summary>
    [JsonPropertyName("session-timeout")]
    public int? SessionTimeout { get; init; }
    public IReadOnlyDictionary<string, PluginInfo>? Plugins { get; init; }
}

internal sealed record MadeId(ulong Id);

internal sealed record PluginData(string Plugin, VideoRoomData Data);

internal sealed record PluginInfo(string Name, string VersionString);

/// <param name="Type">offer or answer.</param>
internal sealed record SessionDescription(string Type, string Sdp);
