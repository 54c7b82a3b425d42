using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace SignalingService.IntegrationTests.Fixtures;

/// <summary>MeetingService's answers: ids that end in 404 or 403 are unknown or forbidden, every other meeting is open.</summary>
internal sealed class Meetings(WebApplication app) : IAsyncDisposable
{
    public string Address => app.Urls.Single();

    public static async Task<Meetings> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrlsOnLoopback();
        var app = builder.Build();
        app.MapGet("/meetings", (string _id) => _id[^3..] switch
        {
            "404" => Results.NotFound(),
            "403" => Results.StatusCode(403),
            _ => Results.Ok(new { _id, name = "Weekly" }),
        });
        await app.StartAsync();
        return new(app);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
