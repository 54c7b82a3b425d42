using MediaNode.Admission;
using MediaNode.Control;
using MediaNode.Telemetry;
using MediaNode.Transport;
using ServiceDefaults;

namespace MediaNode;

/// <summary>The media node as a host, apart from the process that runs it, so that tests can run it too.</summary>
public static class MediaNodeHost
{
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddServiceDefaults();
        var announcesItself = (builder.Configuration.GetSection("Node").Get<NodeOptions>() ?? new()).Heartbeats;
        if (announcesItself)
            builder.AddMessaging();
        builder.AddControlEndpoint();
        builder.Services.AddOptions<NodeOptions>().BindConfiguration("Node").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton<WorkerPool>();
        builder.Services.AddHostedService(services => services.GetRequiredService<WorkerPool>());
        builder.Services.AddHostedService(services => StallWatch.Create(services.GetRequiredService<WorkerPool>(), services.GetRequiredService<ILogger<StallWatch>>()));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<NodeState>();
        builder.Services.AddSingleton<Drain>();
        builder.Services.AddSingleton<IHostLifetime, SignalLifetime>();
        builder.Services.AddSingleton<LoadMonitor>();
        builder.Services.AddHostedService(services => services.GetRequiredService<LoadMonitor>());
        builder.Services.AddSingleton<PeerReader>();
        builder.Services.AddSingleton<StatisticsFeed>();
        builder.Services.AddSingleton<TransitTimes>();
        builder.Services.AddHostedService<PeerHistograms>();
        builder.Services.AddSingleton<EventHub>();
        builder.Services.AddHostedService(services => services.GetRequiredService<EventHub>());
        builder.Services.AddHostedService<FirstCall>();
        if (announcesItself)
            builder.Services.AddHostedService<Heartbeats>();
        builder.Services.AddHostedService<NodeMetrics>();

        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapGrpcService<MediaControlService>();
        app.Services.GetRequiredService<StatisticsFeed>().Map(app);
        return app;
    }
}
