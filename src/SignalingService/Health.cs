using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using SignalingService.Rooms;

namespace SignalingService;

/// <summary>Ready when room assignments can be read and made.</summary>
internal sealed class DatabaseHealth(NpgsqlDataSource database, RoomSchema schema) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!schema.IsReady)
            return HealthCheckResult.Unhealthy("The table of room assignments is not there yet.");
        try
        {
            await using var command = database.CreateCommand("select 1");
            await command.ExecuteScalarAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (NpgsqlException problem)
        {
            return HealthCheckResult.Unhealthy("PostgreSQL does not answer.", problem);
        }
    }
}

/// <summary>Without media nodes there are no new calls, but system messages go on: degraded, not unhealthy.</summary>
internal sealed class NodeHealth(NodeTable nodes) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(nodes.CountFresh() > 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded("No media node is heard."));
}
