using MassTransit;
using MediaNode.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Platform.Testing;
using ServiceDefaults;
using SignalingService.Rooms;

namespace SignalingService.IntegrationTests.Fixtures;

/// <summary>One instance of the service in this process, put together as Program.cs does.</summary>
internal sealed class Instance(WebApplication app) : IAsyncDisposable
{
    public string WebSocketAddress => app.Urls.Single().Replace("http://", "ws://", StringComparison.Ordinal);
    public string HttpAddress => app.Urls.Single();
    public IServiceProvider Services => app.Services;
    public IBus Bus => app.Services.GetRequiredService<IBus>();

    public static async Task<Instance> StartAsync(string database, string messaging, string meetings, params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrlsOnLoopback();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:platform"] = database,
            ["ConnectionStrings:messaging"] = messaging,
            ["services:meetings:http:0"] = meetings,
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.Services.AddSingleton<ISigningKeys, Tokens>();
        builder.AddServiceDefaults();
        builder.AddSignaling();
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapSignaling();
        await app.StartAsync();
        var instance = new Instance(app);
        await instance.IsReadyAsync();
        return instance;
    }

    public Task IsReadyAsync()
    {
        var client = new HttpClient();
        return Eventually.BecomesTrue(
            async () => (int)(await client.GetAsync(new Uri($"{HttpAddress}/health"))).StatusCode == StatusCodes.Status200OK,
            TimeSpan.FromSeconds(60),
            "the instance is ready");
    }

    /// <summary>Hears of a node, as from the node's own heartbeats.</summary>
    public void Hear(NodeHeartbeat heartbeat) => app.Services.GetRequiredService<NodeTable>().Hear(heartbeat);

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
