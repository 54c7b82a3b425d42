using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using SignalingService.Sessions;

namespace SignalingService.Dialects;

/// <summary>Writes frames of the Janus protocol.</summary>
internal static class ServerMessageWriter
{
    private static readonly ServerMessageJson Json = new(new(ServerMessageJson.Default.Options)
    {
        // A frame is not a web page: quotes and plus signs of an SDP need no escape sequences.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static byte[] Write(ServerMessage message) => JsonSerializer.SerializeToUtf8Bytes(message, Json.ServerMessage);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ServerMessage))]
internal sealed partial class ServerMessageJson : JsonSerializerContext;
