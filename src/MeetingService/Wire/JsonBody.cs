using System.Text.Json;

namespace MeetingService.Wire;

/// <summary>Reads a request's body as one JSON object, within bounds.</summary>
internal static class JsonBody
{
    /// <summary>Bytes; a meeting with the most attendees needs about 300 KiB.</summary>
    public const int MaximumSize = 1 << 20;

    /// <summary>Levels; the deepest body of the API has four (meeting, attendees, attendee, value).</summary>
    private const int MaximumDepth = 16;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaximumDepth, AllowDuplicateProperties = false };

    public static async Task<Outcome<FieldReader>> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            using var document = await JsonDocument.ParseAsync(request.Body, Options, cancellationToken);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new FieldReader(document.RootElement.Clone())
                : Problem.Whole(StatusCodes.Status400BadRequest, "The body must be a JSON object");
        }
        catch (JsonException malformed)
        {
            return Problem.Whole(StatusCodes.Status400BadRequest, $"The body is not valid JSON (line {malformed.LineNumber + 1}, byte {malformed.BytePositionInLine + 1})");
        }
        catch (BadHttpRequestException unreadable)
        {
            return Unreadable(unreadable);
        }
    }

    public static Problem Unreadable(BadHttpRequestException exception) => Problem.Whole(
        exception.StatusCode,
        exception.StatusCode == StatusCodes.Status413PayloadTooLarge ? $"The body is longer than {MaximumSize} bytes" : "The request is malformed");
}
