using JasperFx;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using MeetingService.Accounts;
using MeetingService.Meetings;
using MeetingService.Publication;
using Npgsql;
using Weasel.Core;

namespace MeetingService.Storage;

/// <summary>Marten on the PostgreSQL named by <c>ConnectionStrings:platform</c>, in a schema of its own.</summary>
internal static class MartenStorage
{
    private const string ConnectionName = "platform";
    private const string Schema = "meetings";

    public static void AddStorage(this WebApplicationBuilder builder)
    {
        var connectionString = builder.Configuration.GetConnectionString(ConnectionName)
            ?? throw new InvalidOperationException($"ConnectionStrings__{ConnectionName} is not set: give the connection string of PostgreSQL.");
        builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(connectionString));
        builder.Services.AddHealthChecks().AddCheck<DatabaseHealth>("postgresql", timeout: DatabaseHealth.Timeout);

        // Hosted services start in this order: reach the database, bring its schema up to date (under an advisory lock, so replicas take turns),
        // and only then the keys, the daemon and the web server.
        builder.Services.AddHostedService<DatabaseGate>();
        builder.Services.AddMarten(Configure)
            .UseNpgsqlDataSource()
            .UseLightweightSessions()
            .ApplyAllDatabaseChangesOnStartup()
            .AddSubscriptionWithServices<EventPublication>(ServiceLifetime.Singleton, subscription => subscription.Name = nameof(EventPublication))
            .AddAsyncDaemon(DaemonMode.HotCold);
    }

    private static void Configure(StoreOptions options)
    {
        options.DatabaseSchemaName = Schema;
        options.UseSystemTextJsonForSerialization(EnumStorage.AsString);
        options.AutoCreateSchemaObjects = AutoCreate.CreateOrUpdate;

        options.Events.StreamIdentity = StreamIdentity.AsString;
        options.Events.UseListenNotifyForEventAppends = true;

        // Without it two writers to one stream may leave a hole in the events' numbers, and publication waits seconds for what will never fill it.
        options.Events.UseExclusiveLockOnConcurrentAppends = true;

        // Who publishes holds its lock in an open transaction: the other way needs a patch of the lock library that not every registry carries.
        options.Events.UseAdvisoryLockTransaction = true;
        options.Events.AddEventTypes([.. MeetingEvents.Types, typeof(SessionClosed)]);
        options.Projections.Add(new MeetingProjection(), ProjectionLifecycle.Inline);
        options.Projections.LeadershipPollingTime = LeadershipPollingMilliseconds;

        options.Schema.For<User>()
            .UniqueIndex(user => user.ApplicationId, user => user.Login!)
            .UniqueIndex(user => user.ApplicationId, user => user.Email!);
        options.Schema.For<Session>().Index(session => session.ExpiresAt);
        options.Schema.For<Meeting>().GinIndexJsonData();
    }

    /// <summary>How soon another replica takes over publishing when the one that did it is gone.</summary>
    private const int LeadershipPollingMilliseconds = 2000;
}
