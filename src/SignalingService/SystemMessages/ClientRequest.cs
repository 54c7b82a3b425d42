using System.Text;
using System.Text.Json;
using SignalingService.Dialects;

namespace SignalingService.SystemMessages;

/// <summary>What a client may say on the channel of system messages.</summary>
internal abstract record ClientRequest;

internal sealed record AuthenticateRequest(string Token, string? Transaction) : ClientRequest;

/// <param name="To">User ids, each once.</param>
/// <param name="Extension">An object.</param>
internal sealed record SendRequest(string? Id, IReadOnlyList<ulong> To, string? Body, JsonElement? Extension) : ClientRequest;

internal sealed record PingRequest : ClientRequest;

/// <param name="Id">Of the message that could not be read, when that much was understood.</param>
internal sealed record UnreadableRequest(string Reason, string? Id) : ClientRequest;

/// <summary>Reads frames of the system message channel. Never throws.</summary>
internal static class ClientRequestReader
{
    public const int LongestId = 64;
    public const int MostRecipients = 100;

    /// <summary>Bytes of UTF-8.</summary>
    public const int LongestBody = 4 * 1024;

    /// <summary>Bytes of JSON.</summary>
    public const int LongestExtension = 16 * 1024;

    /// <summary>Serializers of the recipients' side have limits too; nobody nests a notification deeper.</summary>
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 32 };

    public static ClientRequest Read(ReadOnlyMemory<byte> frame)
    {
        try
        {
            using var document = JsonDocument.Parse(frame, Options);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Read(document.RootElement)
                : new UnreadableRequest("Invalid JSON: an object expected", null);
        }
        catch (JsonException problem)
        {
            return new UnreadableRequest($"Invalid JSON at line {problem.LineNumber + 1}, byte {problem.BytePositionInLine + 1}", null);
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, which System.Text.Json finds only when the text is taken out.
            return new UnreadableRequest("Invalid JSON: a string is not valid Unicode", null);
        }
    }

    private static ClientRequest Read(JsonElement root)
    {
        // One code for all: this channel has HTTP's.
        var fields = new Fields(root, StatusCodes.Status400BadRequest, StatusCodes.Status400BadRequest);
        ClientRequest? request = fields.Text("type", 32, required: true) switch
        {
            "authenticate" => new AuthenticateRequest(fields.Text("token", ServiceDefaults.SessionTokenNames.MaximumLength, required: true) ?? "", fields.Text("transaction", LongestId)),
            "send" => new SendRequest(fields.Text("id", LongestId), ReadRecipients(root, fields), ReadBody(fields), ReadExtension(fields)),
            "ping" => new PingRequest(),
            _ => null,
        };
        if (request is null)
            fields.Reject("type", "'authenticate', 'send' or 'ping' expected");
        return fields.Problem is { } problem ? new UnreadableRequest(problem.Reason, (request as SendRequest)?.Id) : request!;
    }

    private static string? ReadBody(Fields fields)
    {
        var body = fields.Text("body", LongestBody);
        if (body is not null && Encoding.UTF8.GetByteCount(body) > LongestBody)
            fields.Reject("body", $"at most {LongestBody} bytes expected");
        return body;
    }

    private static JsonElement? ReadExtension(Fields fields)
    {
        if (fields.Object("extension") is not { } extension)
            return null;
        if (Encoding.UTF8.GetByteCount(extension.GetRawText()) > LongestExtension)
            fields.Reject("extension", $"at most {LongestExtension} bytes of JSON expected");
        return extension.Clone();
    }

    private static IReadOnlyList<ulong> ReadRecipients(JsonElement root, Fields fields)
    {
        if (!root.TryGetProperty("to", out var to) || to.ValueKind != JsonValueKind.Array)
            return fields.Id("to", required: true) is { } only ? [only] : [];
        if (to.GetArrayLength() is 0 or > MostRecipients)
        {
            fields.Reject("to", $"a user id or a list of 1 to {MostRecipients} of them expected");
            return [];
        }
        var recipients = new HashSet<ulong>();
        foreach (var (index, element) in to.EnumerateArray().Index())
        {
            if (element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out var id) && id > 0)
                recipients.Add((ulong)id);
            else
                fields.Reject($"to[{index}]", "a positive integer expected");
        }
        return [.. recipients];
    }
}
