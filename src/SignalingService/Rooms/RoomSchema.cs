using Npgsql;

namespace SignalingService.Rooms;

/// <summary>
/// Makes the table of assignments at the start, as often as it takes until PostgreSQL is there. Instances that start together take turns
/// by an advisory lock, since "if not exists" alone still fails when two create at once.
/// </summary>
internal sealed partial class RoomSchema(NpgsqlDataSource database, ILogger<RoomSchema> logger) : BackgroundService
{
    private const string Sql = """
        select pg_advisory_xact_lock(7306316432671827815);
        create schema if not exists signaling;
        -- One sequence for all rooms: an epoch is never used twice, not even after its row is gone.
        create sequence if not exists signaling.room_epoch;
        create table if not exists signaling.room_assignment (
            room_id text primary key,
            node_id text not null,
            control_address text not null,
            epoch bigint not null,
            assigned_at timestamptz not null default now());
        """;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public bool IsReady { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!IsReady)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(stoppingToken);
                await using var transaction = await connection.BeginTransactionAsync(stoppingToken);
                await using var command = new NpgsqlCommand(Sql, connection, transaction);
                await command.ExecuteNonQueryAsync(stoppingToken);
                await transaction.CommitAsync(stoppingToken);
                IsReady = true;
            }
            catch (NpgsqlException problem)
            {
                LogNotReady(problem.Message);
                await Task.Delay(Pause, stoppingToken);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The table of room assignments cannot be made yet: {Problem}")]
    private partial void LogNotReady(string problem);
}
