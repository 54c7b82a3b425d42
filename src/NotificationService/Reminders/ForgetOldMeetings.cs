using Npgsql;
using Quartz;

namespace NotificationService.Reminders;

/// <summary>Keeps the tables bounded: what ended long ago is forgotten, with its deliveries.</summary>
internal sealed class ForgetOldMeetings(NpgsqlDataSource dataSource, TimeProvider time) : IJob
{
    public static readonly JobKey Key = new("forget-old-meetings");
    public static readonly TimeSpan Interval = TimeSpan.FromHours(6);

    /// <summary>Far longer than a message can be late. One later still finds a meeting that has ended, and changes nothing.</summary>
    private static readonly TimeSpan KeepFor = TimeSpan.FromDays(30);

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        await using var command = dataSource.CreateCommand("delete from meetings where ends_at < $1");
        command.Parameters.Add(new() { Value = time.GetUtcNow() - KeepFor });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
