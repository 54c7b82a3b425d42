using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Platform.Testing;

namespace NotificationService.IntegrationTests.Harness;

/// <summary>The service within the test's process.</summary>
public sealed class InProcessService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private InProcessService(WebApplication app) => _app = app;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<InProcessService> StartAsync(IReadOnlyDictionary<string, string> settings)
    {
        var app = NotificationServiceHost.Build([.. settings.Select(setting => $"--{setting.Key}={setting.Value}")]);
        await app.StartAsync();
        var service = new InProcessService(app);
        await Readiness.UntilReadyAsync(service.Address);
        return service;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

internal static class Readiness
{
    /// <summary>Waits until the service says that it can take work: tables made, scheduler running, queue bound.</summary>
    public static async Task UntilReadyAsync(Uri address)
    {
        using var client = new HttpClient { BaseAddress = address };
        await Eventually.BecomesTrue(
            async () => (await client.GetAsync(new Uri("/health", UriKind.Relative))).IsSuccessStatusCode, TimeSpan.FromSeconds(30), "the service is ready");
    }
}
