using Npgsql;

namespace MeetingService.Storage;

/// <summary>Holds the start of every other hosted service (Marten puts its own first) until PostgreSQL answers, and says what it waits for.</summary>
internal sealed class DatabaseGate(NpgsqlDataSource database, TimeProvider time, ILogger<DatabaseGate> logger) : IHostedLifecycleService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        while (await TryConnectAsync(cancellationToken) is { } reason)
        {
            var target = new NpgsqlConnectionStringBuilder(database.ConnectionString);
            logger.LogWarning("Waiting for PostgreSQL at {Host}:{Port}, database {Database}: {Reason}", target.Host, target.Port, target.Database, reason);
            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Null when connected. Wrong passwords and missing databases are waited for as well: a deployment may be creating them.</summary>
    private async Task<string?> TryConnectAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            return null;
        }
        catch (NpgsqlException exception)
        {
            return exception.Message;
        }
    }
}
