using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace MeetingService.IntegrationTests;

/// <summary>An answer of the API: its status, headers and JSON (null when the body is empty).</summary>
public sealed record Answer(HttpStatusCode Status, JsonNode? Body, string Text, HttpResponseMessage Response)
{
    public JsonObject Object => (JsonObject)Body!;

    public string BaseError => (string)Body!["errors"]!["base"]![0]!;

    public string Id => (string)Body!["_id"]!;
}

/// <summary>Somebody who talks to the API with a token, or without one.</summary>
public sealed class ApiClient(HttpClient http, string? token = null, long userId = 0) : IDisposable
{
    public string? Token => token;

    public long UserId => userId;

    public static async Task<ApiClient> AnonymousAsync(RunningService service) => await Task.FromResult(new ApiClient(service.NewClient()));

    /// <summary>A user that did not exist before.</summary>
    public static Task<ApiClient> NewUserAsync(RunningService service, long application = 1, string? email = null) =>
        OpenAsync(service, application, email is null ? new { login = $"user-{Guid.NewGuid():N}", password = "correct horse" } : new { email, password = "correct horse" });

    public static Task<ApiClient> NewGuestAsync(RunningService service) => OpenAsync(service, 1, new { guest = "1", full_name = "Guest" });

    public static Task<ApiClient> ApplicationAsync(RunningService service) => OpenAsync(service, 1, null);

    public static async Task<ApiClient> OpenAsync(RunningService service, long application, object? user)
    {
        using var anonymous = new ApiClient(service.NewClient());
        var opened = await anonymous.PostAsync("/session", new { application_id = application, auth_key = $"key-{application}", user });
        Assert.Equal(HttpStatusCode.Created, opened.Status);
        var session = opened.Body!["session"]!;
        return new(service.NewClient(), (string)session["token"]!, (long)session["user_id"]!);
    }

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, null, headers);

    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, null);

    public Task<Answer> PostAsync(string path, object body) => SendAsync(HttpMethod.Post, path, Json(body));

    public Task<Answer> PutAsync(string path, object body, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Put, path, Json(body), headers);

    public Task<Answer> SendTextAsync(HttpMethod method, string path, string body) =>
        SendAsync(method, path, new StringContent(body, Encoding.UTF8, "application/json"));

    public async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (token is not null)
            request.Headers.Add("CB-Token", token);
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new(response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text), text, response);
    }

    public async Task<string> ScheduleAsync(object? members = null)
    {
        var meeting = await PostAsync("/meetings", members ?? Meeting());
        Assert.Equal(HttpStatusCode.Created, meeting.Status);
        return meeting.Id;
    }

    public static object Meeting(string name = "Stand-up", object[]? attendees = null, bool isPublic = false) =>
        new { name, start_date = 1_900_000_000, end_date = 1_900_003_600, attendees = attendees ?? [], @public = isPublic };

    public void Dispose() => http.Dispose();

    private static StringContent Json(object body) => new(System.Text.Json.JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
}
