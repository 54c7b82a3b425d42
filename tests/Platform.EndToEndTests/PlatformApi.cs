using System.Net.Http.Json;
using System.Text.Json.Nodes;
using MediaNode.TestPeer.Janus;

namespace Platform.EndToEndTests;

/// <summary>The platform's HTTP interface, as a partner's back end uses it.</summary>
internal static class PlatformApi
{
    public static async Task<Identity> OpenGuestSessionAsync(this RunningPlatform platform, string name)
    {
        using var response = await platform.Http.PostAsJsonAsync("session", new
        {
            application_id = platform.ApplicationId,
            auth_key = platform.AuthKey,
            user = new { guest = 1, full_name = name },
        });
        response.EnsureSuccessStatusCode();
        var session = (await response.Content.ReadFromJsonAsync<JsonNode>())!["session"]!;
        return new(session["user_id"]!.GetValue<ulong>(), name, session["token"]!.GetValue<string>());
    }

    /// <summary>A meeting that everybody of the application may enter.</summary>
    public static Task<string> ScheduleOpenMeetingAsync(this RunningPlatform platform, Identity host) =>
        platform.ScheduleMeetingAsync(host, new()
        {
            ["name"] = "Weekly",
            ["start_date"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
            ["end_date"] = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds(),
            ["public"] = true,
        });

    /// <returns>The meeting's id, which is its room's.</returns>
    public static async Task<string> ScheduleMeetingAsync(this RunningPlatform platform, Identity host, JsonObject meeting)
    {
        using var response = await platform.SendAsync(host.Token, HttpMethod.Post, "meetings", JsonContent.Create(meeting));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<JsonNode>())!["_id"]!.GetValue<string>();
    }

    public static async Task<HttpResponseMessage> SendAsync(
        this RunningPlatform platform, string token, HttpMethod method, string path, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (token.Length > 0)
            request.Headers.Add("CB-Token", token);
        return await platform.Http.SendAsync(request);
    }
}
