using System.Net.Http.Json;
using System.Text.Json.Nodes;
using MediaNode.TestPeer.Janus;

namespace LoadGenerator.Signalling.Janus;

/// <summary>Meetings and guest sessions of this platform, by its HTTP interface.</summary>
internal sealed class PlatformRooms(Uri gateway, long applicationId, string applicationKey) : IRoomProvider
{
    private readonly HttpClient _http = new() { BaseAddress = gateway };

    public async Task<JsonValue> OpenRoomAsync()
    {
        var host = await OpenAccountAsync(0);
        using var request = new HttpRequestMessage(HttpMethod.Post, "meetings")
        {
            Content = JsonContent.Create(new JsonObject
            {
                ["name"] = "Load",
                ["start_date"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
                ["end_date"] = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds(),
                ["public"] = true,
            }),
        };
        request.Headers.Add("CB-Token", host.Token);
        return (await SendAsync(request))["_id"]!.AsValue();
    }

    public async Task<Identity> OpenAccountAsync(int participant)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "session")
        {
            Content = JsonContent.Create(new
            {
                application_id = applicationId,
                auth_key = applicationKey,
                user = new { guest = 1, full_name = $"load {participant}" },
            }),
        };
        var session = (await SendAsync(request))["session"]!;
        return new(session["user_id"]!.GetValue<ulong>(), $"load {participant}", session["token"]!.GetValue<string>());
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<JsonNode> SendAsync(HttpRequestMessage request)
    {
        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode
            ? JsonNode.Parse(text)!
            : throw new HttpRequestException($"{request.Method} {request.RequestUri}: {(int)response.StatusCode} {text}");
    }
}
