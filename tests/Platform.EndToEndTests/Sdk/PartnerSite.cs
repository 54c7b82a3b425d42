using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Platform.EndToEndTests.Sdk;

/// <summary>A web server of somebody else: its one page is empty, and its origin is not the platform's.</summary>
internal sealed class PartnerSite : IAsyncDisposable
{
    private const string Page = "<!doctype html><title>Partner app</title><body></body>";

    private readonly WebApplication _server;

    private PartnerSite(WebApplication server) => _server = server;

    public Uri Address => new(_server.Urls.Single());

    public static async Task<PartnerSite> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var server = builder.Build();
        server.Urls.Add("http://127.0.0.1:0");
        server.MapGet("/", () => TypedResults.Content(Page, "text/html"));
        await server.StartAsync();
        return new(server);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
