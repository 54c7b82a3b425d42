using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace NotificationService.Storage;

/// <summary>The service's part of the platform's PostgreSQL: schema <c>notifications</c> of <c>ConnectionStrings:platform</c>.</summary>
internal static class Database
{
    public const string ConnectionName = "platform";
    public const string Schema = "notifications";

    public static void AddDatabase(this WebApplicationBuilder builder)
    {
        var settings = builder.Configuration.GetConnectionString(ConnectionName)
            ?? throw new InvalidOperationException($"ConnectionStrings__{ConnectionName} is not set: give PostgreSQL's address (Host=...;Database=...).");
        builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(settings)
        {
            SearchPath = Schema,
            ApplicationName = "notifications",
        }));
        builder.Services.AddHostedService<SchemaSetup>();
        builder.Services.AddHealthChecks().AddCheck<DatabaseHealth>("postgres");
    }
}

/// <summary>Creates what is missing of the tables before anything uses them.</summary>
internal sealed class SchemaSetup(NpgsqlDataSource dataSource) : IHostedService
{
    /// <summary>Any number that nothing else in the database locks: "create if not exists" alone is not safe for two sessions at once.</summary>
    private const long AdvisoryLock = 0x6E6F_7469_6679;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var gate = new NpgsqlCommand("select pg_advisory_xact_lock($1)", connection) { Parameters = { new() { Value = AdvisoryLock } } })
            await gate.ExecuteNonQueryAsync(cancellationToken);
        await using (var create = new NpgsqlCommand(Script(), connection))
            await create.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static string Script()
    {
        using var stream = typeof(SchemaSetup).Assembly.GetManifestResourceStream("Schema.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}

internal sealed class DatabaseHealth(NpgsqlDataSource dataSource) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var command = dataSource.CreateCommand("select 1");
            await command.ExecuteScalarAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (NpgsqlException problem)
        {
            return HealthCheckResult.Unhealthy("PostgreSQL does not answer.", problem);
        }
    }
}
