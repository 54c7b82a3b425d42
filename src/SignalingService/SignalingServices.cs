using MassTransit;
using Npgsql;
using ServiceDefaults;
using SignalingService.Connections;
using SignalingService.Rooms;
using SignalingService.SystemMessages;

namespace SignalingService;

/// <summary>What the service is made of.</summary>
internal static class SignalingServices
{
    private const string DatabaseName = "platform";

    /// <summary>Messages that wait for this instance; a second's worth at full load. Past it the oldest are dropped: they are about the present.</summary>
    private const int QueueLength = 10_000;

    /// <summary>What arrives while the connection to the broker is interrupted waits for so long.</summary>
    private static readonly TimeSpan OutlivesConnection = TimeSpan.FromMinutes(1);

    /// <summary>Finds out that a peer is gone without waiting for TCP, and keeps proxies from closing idle connections.</summary>
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(20);

    public static WebApplicationBuilder AddSignaling(this WebApplicationBuilder builder)
    {
        builder.AddSessionTokens();
        builder.AddBus();
        builder.AddRooms();
        builder.AddConnections();
        return builder;
    }

    public static WebApplication MapSignaling(this WebApplication app)
    {
        app.UseWebSockets(new() { KeepAliveInterval = PingInterval, KeepAliveTimeout = PingInterval });
        JanusEndpoint.Map(app);
        SystemMessageEndpoint.Map(app);
        return app;
    }

    private static void AddRooms(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        var database = builder.Configuration.GetConnectionString(DatabaseName)
            ?? throw new InvalidOperationException($"ConnectionStrings__{DatabaseName} is not set: give the connection string of PostgreSQL.");
        services.AddSingleton(NpgsqlDataSource.Create(database));
        services.AddOptions<RoomOptions>().BindConfiguration(RoomOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddHttpClient(MeetingDirectory.HttpClientName, client => client.BaseAddress = new("http://meetings"));
        services.AddSingleton<NodeTable>();
        services.AddSingleton<RoomAssignments>();
        services.AddSingleton<NodeLinks>();
        services.AddSingleton<ParticipantGates>();
        services.AddSingleton<RoomSeats>();
        services.AddSingleton<RoomEntrance>();
        services.AddSingleton<PeerCalls>();
        services.AddSingleton<MeetingDirectory>();
        services.AddSingleton<RoomSchema>();
        services.AddHostedService(provider => provider.GetRequiredService<RoomSchema>());
        services.AddHostedService<MovedRooms>();
        services.AddHealthChecks().AddCheck<DatabaseHealth>("postgresql").AddCheck<NodeHealth>("media-nodes");
    }

    private static void AddConnections(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<ConnectionOptions>().BindConfiguration(ConnectionOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<SystemMessageOptions>().BindConfiguration(SystemMessageOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<SignalingTelemetry>();
        services.AddSingleton<ConnectionCount>();
        services.AddSingleton<CommandRunner>();
        services.AddSingleton<SystemMessageSender>();
        services.AddSingleton<RecentSystemMessages>();
        services.AddSingleton(provider =>
            new UserConnections(provider.GetRequiredService<Microsoft.Extensions.Options.IOptions<SystemMessageOptions>>().Value.ConnectionsPerUser));
    }

    /// <summary>
    /// Three queues of the instance's own: a flood of messages must neither make nodes look silent nor push out the news of an ended session.
    /// </summary>
    private static void AddBus(this WebApplicationBuilder builder)
    {
        var instance = SignalingInstance.Create();
        builder.Services.AddSingleton(instance);
        builder.AddMessaging(
            bus =>
            {
                bus.AddConsumer<MeetingCancelledConsumer>();
                bus.AddConsumer<NodeHeartbeatConsumer>().ExcludeFromConfigureEndpoints();
                bus.AddConsumer<SessionEndedConsumer>().ExcludeFromConfigureEndpoints();
                bus.AddConsumer<SystemMessageConsumer>().ExcludeFromConfigureEndpoints();
            },
            (context, rabbit) =>
            {
                rabbit.ReceiveEndpoint($"signaling-nodes-{instance.Id}", endpoint =>
                {
                    // Goes with the connection: a heartbeat that waited would make a dead node look alive.
                    endpoint.AutoDelete = true;
                    HandleInOrder(endpoint);
                    endpoint.ConfigureConsumer<NodeHeartbeatConsumer>(context);
                });
                rabbit.ReceiveEndpoint($"signaling-sessions-{instance.Id}", endpoint =>
                {
                    endpoint.QueueExpiration = OutlivesConnection;
                    HandleInOrder(endpoint);
                    endpoint.ConfigureConsumer<SessionEndedConsumer>(context);
                });
                rabbit.ReceiveEndpoint($"signaling-messages-{instance.Id}", endpoint =>
                {
                    endpoint.QueueExpiration = OutlivesConnection;
                    HandleInOrder(endpoint);
                    endpoint.ConfigureConsumer<SystemMessageConsumer>(context);
                });
            });
    }

    /// <summary>One message at a time: the end of a call must not overtake its beginning. Handling takes microseconds, for it only puts messages into other queues.</summary>
    private static void HandleInOrder(IRabbitMqReceiveEndpointConfigurator endpoint)
    {
        endpoint.ConcurrentMessageLimit = 1;
        endpoint.Durable = false;
        endpoint.SetQueueArgument("x-max-length", QueueLength);
    }
}
