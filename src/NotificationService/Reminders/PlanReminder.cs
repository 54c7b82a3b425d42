using MeetingService.Contracts;
using Npgsql;

namespace NotificationService.Reminders;

/// <summary>
/// Takes in one message about a meeting. The meeting's row and the trigger in Quartz's tables change in one transaction,
/// so a process that dies in between leaves both or neither, and RabbitMQ delivers the message again.
/// </summary>
internal sealed partial class PlanReminder(
    NpgsqlDataSource dataSource, ReminderSchedule schedule, TimeProvider time, NotificationTelemetry telemetry, ILogger<PlanReminder> log)
{
    public async Task HandleAsync(MeetingDetails meeting, bool cancelled, CancellationToken cancellationToken)
    {
        if (MeetingMessage.FindProblem(meeting) is { } problem)
            throw new InvalidMeetingMessageException(problem);

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await TrackedMeeting.SerializeAsync(connection, meeting.MeetingId, cancellationToken);
        var stored = await TrackedMeeting.LockAsync(connection, meeting.MeetingId, cancellationToken);

        var plan = ReminderPlan.Decide(stored, meeting, cancelled, time.GetUtcNow());
        if (plan is ReminderPlan.OldNews)
        {
            LogOldNews(meeting.MeetingId, meeting.Version, stored!.Details.Version);
            return;
        }

        var remindAt = (plan as ReminderPlan.Remind)?.At;
        await new TrackedMeeting(meeting, cancelled, remindAt).SaveAsync(connection, cancellationToken);
        await schedule.ReplaceAsync(transaction, stored, meeting, remindAt, cancellationToken);
        Report(stored, meeting, remindAt);
    }

    private void Report(TrackedMeeting? stored, MeetingDetails meeting, DateTimeOffset? remindAt)
    {
        if (remindAt is { } at)
        {
            telemetry.ReminderScheduled();
            LogScheduled(meeting.MeetingId, meeting.Version, at);
        }
        else if (stored?.RemindAt is not null)
        {
            telemetry.ReminderRemoved();
            LogRemoved(meeting.MeetingId, meeting.Version);
        }
    }

    [LoggerMessage(LogLevel.Debug, "Meeting {MeetingId}: version {Version} is old news, {Known} is known")]
    private partial void LogOldNews(string meetingId, long version, long known);

    [LoggerMessage(LogLevel.Information, "Meeting {MeetingId}, version {Version}: reminder is due at {At:O}")]
    private partial void LogScheduled(string meetingId, long version, DateTimeOffset at);

    [LoggerMessage(LogLevel.Information, "Meeting {MeetingId}, version {Version}: no reminder any more")]
    private partial void LogRemoved(string meetingId, long version);
}
