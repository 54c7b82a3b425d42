using System.Text.Json;
using System.Text.Json.Serialization;

namespace SignalingService.SystemMessages;

/// <summary>One frame to the client. The members are the wire's own; those that are null are left out.</summary>
/// <param name="Type">authenticated, sent, message, pong or error.</param>
internal sealed record ServerReply(string Type)
{
    public string? Transaction { get; init; }
    public string? Id { get; init; }
    public long? UserId { get; init; }
    public long? From { get; init; }
    public string? Body { get; init; }
    public JsonElement? Extension { get; init; }

    /// <summary>Unix seconds.</summary>
    public long? SentAt { get; init; }

    /// <summary>As of HTTP.</summary>
    public int? Code { get; init; }
    public string? Reason { get; init; }

    public static ServerReply Error(int code, string reason, string? id = null) => new("error") { Code = code, Reason = reason, Id = id };

    public byte[] ToUtf8() => JsonSerializer.SerializeToUtf8Bytes(this, ServerReplyJson.Default.ServerReply);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ServerReply))]
internal sealed partial class ServerReplyJson : JsonSerializerContext;
