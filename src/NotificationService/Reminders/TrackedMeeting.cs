using System.Text.Json;
using MeetingService.Contracts;
using Npgsql;
using NpgsqlTypes;

namespace NotificationService.Reminders;

/// <summary>The newest state that the service has heard of a meeting.</summary>
/// <param name="Details">As told by MeetingService.</param>
/// <param name="Cancelled">The meeting was deleted; the row stays, so that an older message cannot bring it back.</param>
/// <param name="RemindAt">When its reminder is due; null when there is none.</param>
internal sealed record TrackedMeeting(MeetingDetails Details, bool Cancelled, DateTimeOffset? RemindAt)
{
    /// <summary>Reads the meeting and keeps its row locked to the end of the transaction.</summary>
    public static async Task<TrackedMeeting?> LockAsync(NpgsqlConnection connection, string meetingId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "select details, cancelled, remind_at from meetings where meeting_id = $1 for update", connection)
        {
            Parameters = { new() { Value = meetingId } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader, firstColumn: 0) : null;
    }

    /// <summary>Makes messages about one meeting wait for one another, also before it has a row that could be locked.</summary>
    public static async Task SerializeAsync(NpgsqlConnection connection, string meetingId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select pg_advisory_xact_lock(hashtextextended($1, 0))", connection)
        {
            Parameters = { new() { Value = meetingId } },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <param name="reader">On a row that has details, cancelled and remind_at, in this order.</param>
    /// <param name="firstColumn">Where they begin.</param>
    public static TrackedMeeting Read(NpgsqlDataReader reader, int firstColumn) => new(
        JsonSerializer.Deserialize<MeetingDetails>(reader.GetString(firstColumn))!,
        reader.GetBoolean(firstColumn + 1),
        reader.IsDBNull(firstColumn + 2) ? null : reader.GetFieldValue<DateTimeOffset>(firstColumn + 2));

    public async Task SaveAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            insert into meetings (meeting_id, version, cancelled, ends_at, remind_at, details) values ($1, $2, $3, $4, $5, $6)
            on conflict (meeting_id) do update
            set version = excluded.version, cancelled = excluded.cancelled, ends_at = excluded.ends_at, remind_at = excluded.remind_at, details = excluded.details
            """,
            connection)
        {
            Parameters =
            {
                new() { Value = Details.MeetingId },
                new() { Value = Details.Version },
                new() { Value = Cancelled },
                new() { Value = Details.EndsAt.ToUniversalTime() },
                new() { Value = RemindAt?.ToUniversalTime() ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz },
                new() { Value = JsonSerializer.Serialize(Details), NpgsqlDbType = NpgsqlDbType.Json },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
