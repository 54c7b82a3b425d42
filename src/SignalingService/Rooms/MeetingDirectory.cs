using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Caching.Memory;
using ServiceDefaults;
using SignalingService.Sessions;

namespace SignalingService.Rooms;

/// <summary>Who may enter which room: those who may see its meeting, which MeetingService knows.</summary>
internal sealed partial class MeetingDirectory(
    IHttpClientFactory clients, SessionTokenValidator tokens, TimeProvider time, ILogger<MeetingDirectory> logger) : IDisposable
{
    public const string HttpClientName = "meetings";

    /// <summary>Permissions kept in mind; each costs about 200 bytes.</summary>
    private const int Capacity = 10_000;

    private const int MeetingIdLength = 24;

    /// <summary>Long enough for the dozen subscriptions that follow a join, short enough for a meeting's change to be felt.</summary>
    private static readonly TimeSpan KeepFor = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly MemoryCache _granted = new(new MemoryCacheOptions { SizeLimit = Capacity });

    public async Task CheckAsync(CheckAccess command)
    {
        if (command.RoomId.Length != MeetingIdLength || !command.RoomId.All(char.IsAsciiHexDigitLower))
        {
            command.Refuse(new(RoomError.NoSuchRoom, $"No such room ({command.RoomId})"));
            return;
        }
        try
        {
            // Again at every join: the session may have been ended, and the message may carry another token than the connection.
            var identity = await tokens.ValidateAsync(command.Token);
            if (identity is null || identity.UserId != command.Identity.UserId || identity.ApplicationId != command.Identity.ApplicationId)
                command.Refuse(new(RoomError.Unauthorized, "Unauthorized (token: must be valid and the session's user's)"));
            else
                await AskAsync(command, identity);
        }
        catch (Exception problem) when (problem is HttpRequestException or OperationCanceledException or JsonException or Polly.ExecutionRejectedException)
        {
            LogNotReachable(problem.Message);
            command.Refuse(new(RoomError.Unknown, "Meetings cannot be looked up now; try again"));
        }
    }

    public void Dispose() => _granted.Dispose();

    private async Task AskAsync(CheckAccess command, SessionIdentity identity)
    {
        var key = (identity.ApplicationId, identity.UserId, command.RoomId);
        if (_granted.TryGetValue(key, out Granted? known) && time.GetElapsedTime(known!.At) < KeepFor)
        {
            command.Complete(known.Access);
            return;
        }
        using var deadline = new CancellationTokenSource(Timeout);
        using var client = clients.CreateClient(HttpClientName);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"meetings?_id={command.RoomId}");
        request.Headers.Add("CB-Token", command.Token);
        using var response = await client.SendAsync(request, deadline.Token);
        switch (response.StatusCode)
        {
            case HttpStatusCode.OK:
                var meeting = await response.Content.ReadFromJsonAsync<Meeting>(deadline.Token);
                var access = new MeetingAccess(meeting?.Name);
                _granted.Set(key, new Granted(access, time.GetTimestamp()), new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = KeepFor });
                command.Complete(access);
                break;
            case HttpStatusCode.NotFound:
                command.Refuse(new(RoomError.NoSuchRoom, $"No such room ({command.RoomId})"));
                break;
            case HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized:
                command.Refuse(new(RoomError.Unauthorized, "Unauthorized (the meeting is for its host and attendees)"));
                break;
            default:
                throw new HttpRequestException($"MeetingService answered {(int)response.StatusCode}.");
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Access to a meeting could not be checked: {Problem}")]
    private partial void LogNotReachable(string problem);

    private sealed record Meeting(string? Name);

    private sealed record Granted(MeetingAccess Access, long At);
}
