using MeetingService.Contracts;
using NotificationService.Deliveries;
using NotificationService.Mail;
using Npgsql;
using Quartz;

namespace NotificationService.Reminders;

/// <summary>
/// A reminder's time has come: each attendee with an address is owed a mail. The job only writes that down;
/// <see cref="DeliveryDispatcher"/> sends. Running it again (Quartz recovers it from an instance that died) adds nothing.
/// </summary>
internal sealed partial class ReminderJob(
    NpgsqlDataSource dataSource, DeliverySignal signal, TimeProvider time, NotificationTelemetry telemetry, ILogger<ReminderJob> log) : IJob
{
    public static readonly JobKey Key = new("remind");

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        using var activity = telemetry.Activities.StartActivity("fire reminder");
        var (meetingId, version) = ReminderSchedule.Read(context.MergedJobDataMap);
        activity?.SetTag("meeting.id", meetingId);

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var meeting = await TrackedMeeting.LockAsync(connection, meetingId, cancellationToken);
        var now = time.GetUtcNow();
        switch (Decide(meeting, version, now))
        {
            case Verdict.Stale:
                return;
            case Verdict.TooLate:
                telemetry.ReminderDropped();
                LogTooLate(meetingId, meeting!.RemindAt!.Value, meeting.Details.EndsAt);
                return;
            default:
                var owed = await OweAsync(connection, meeting!.Details, cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                telemetry.ReminderFired(now - meeting.RemindAt!.Value);
                LogFired(meetingId, owed, now - meeting.RemindAt.Value);
                signal.Raise();
                return;
        }
    }

    internal enum Verdict
    {
        /// <summary>Another version has taken this one's place since the trigger was made; it has its own trigger, if any.</summary>
        Stale,

        /// <summary>The meeting is over.</summary>
        TooLate,

        Remind,
    }

    internal static Verdict Decide(TrackedMeeting? meeting, long version, DateTimeOffset now)
    {
        if (meeting is not { RemindAt: not null, Cancelled: false } || meeting.Details.Version != version)
            return Verdict.Stale;
        return meeting.Details.EndsAt > now ? Verdict.Remind : Verdict.TooLate;
    }

    private async Task<int> OweAsync(NpgsqlConnection connection, MeetingDetails meeting, CancellationToken cancellationToken)
    {
        var recipients = Recipients.Of(meeting, out var unusable);
        if (unusable > 0)
            LogUnusable(meeting.MeetingId, unusable);
        await using var command = new NpgsqlCommand(
            """
            insert into deliveries (meeting_id, starts_at, address)
            select $1, $2, unnest($3::text[])
            on conflict do nothing
            """,
            connection)
        {
            Parameters =
            {
                new() { Value = meeting.MeetingId },
                new() { Value = meeting.StartsAt.ToUniversalTime() },
                new() { Value = recipients.Select(recipient => recipient.Key).ToArray() },
            },
        };
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(LogLevel.Information, "Meeting {MeetingId}: reminder fired {Lateness} late, {Count} mails to send")]
    private partial void LogFired(string meetingId, int count, TimeSpan lateness);

    [LoggerMessage(LogLevel.Warning, "Meeting {MeetingId}: reminder dropped: it was due at {DueAt:O}, and the meeting ended at {EndedAt:O}")]
    private partial void LogTooLate(string meetingId, DateTimeOffset dueAt, DateTimeOffset endedAt);

    [LoggerMessage(LogLevel.Warning, "Meeting {MeetingId}: {Count} attendees have an address that cannot be used")]
    private partial void LogUnusable(string meetingId, int count);
}
