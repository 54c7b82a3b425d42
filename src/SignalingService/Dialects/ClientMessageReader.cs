using System.Text.Json;
using SignalingService.Sessions;

namespace SignalingService.Dialects;

/// <summary>Reads frames of the Janus protocol. Never throws: what cannot be read is a message with a problem.</summary>
internal static class ClientMessageReader
{
    private const int LongestTransaction = 256;
    private const int LongestName = 128;

    /// <summary>A token is validated later; one that is longer than this is not looked at.</summary>
    private const int LongestToken = 8192;

    /// <summary>Nothing in the protocol nests deeper than five levels.</summary>
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 16 };

    public static ClientMessage Read(ReadOnlyMemory<byte> frame)
    {
        try
        {
            using var document = JsonDocument.Parse(frame, Options);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Read(document.RootElement)
                : Unreadable(CoreError.InvalidObject, "Invalid JSON: an object expected");
        }
        catch (JsonException problem)
        {
            return Unreadable(CoreError.InvalidJson, $"Invalid JSON at line {problem.LineNumber + 1}, byte {problem.BytePositionInLine + 1}");
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json finds half a surrogate pair (such as \ud800) only when the text is taken out.
            return Unreadable(CoreError.InvalidJson, "Invalid JSON: a string is not valid Unicode");
        }
    }

    private static ClientMessage Unreadable(int code, string reason) => new(Verb.Unknown, null) { Problem = new(code, reason) };

    private static ClientMessage Read(JsonElement root)
    {
        var fields = new Fields(root, CoreError.MissingElement, CoreError.InvalidElementType);
        var word = fields.Text("janus", LongestName, required: true);
        var verb = Parse(word);
        var message = new ClientMessage(verb, fields.Text("transaction", LongestTransaction, required: true))
        {
            Token = fields.Text("token", LongestToken),
            SessionId = fields.Id("session_id", required: NeedsSession(verb)),
            HandleId = fields.Id("handle_id", required: NeedsHandle(verb)),
            Plugin = fields.Text("plugin", LongestName, required: verb == Verb.Attach),
        };
        if (word is not null && verb == Verb.Unknown)
            return message with { Problem = fields.Problem ?? new(CoreError.UnknownRequest, $"Unknown request '{word}'") };
        if (verb == Verb.Trickle)
            CheckCandidates(fields);
        if (verb == Verb.Message)
            message = message with { Jsep = ReadJsep(fields), Request = ReadBody(fields) };
        return message with { Problem = fields.Problem };
    }

    private static VideoRoomRequest? ReadBody(Fields fields) =>
        fields.Object("body", required: true) is { } body ? VideoRoomRequestReader.Read(body) : null;

    private static SessionDescription? ReadJsep(Fields fields)
    {
        if (fields.Object("jsep") is not { } jsep)
            return null;
        var members = new Fields(jsep, CoreError.MissingElement, CoreError.InvalidSdp, "jsep.");
        var type = members.Text("type", LongestName, required: true);
        var sdp = members.Text("sdp", int.MaxValue, required: true);
        fields.Adopt(members.Problem);
        return type is null || sdp is null ? null : new(type, sdp);
    }

    /// <summary>Candidates are not used, but a client that sends something else should hear of it.</summary>
    private static void CheckCandidates(Fields fields)
    {
        var several = fields.List("candidates", candidate => candidate);
        if (several.Count == 0 && fields.Problem is null)
            fields.Object("candidate");
    }

    private static Verb Parse(string? word) => word switch
    {
        "create" => Verb.Create,
        "attach" => Verb.Attach,
        "message" => Verb.Message,
        "trickle" => Verb.Trickle,
        "keepalive" => Verb.KeepAlive,
        "detach" => Verb.Detach,
        "destroy" => Verb.Destroy,
        "hangup" => Verb.Hangup,
        "info" => Verb.Info,
        "ping" => Verb.Ping,
        "claim" => Verb.Claim,
        _ => Verb.Unknown,
    };

    private static bool NeedsSession(Verb verb) => verb is not (Verb.Unknown or Verb.Create or Verb.Info or Verb.Ping);

    private static bool NeedsHandle(Verb verb) => verb is Verb.Message or Verb.Trickle or Verb.Detach or Verb.Hangup;
}
