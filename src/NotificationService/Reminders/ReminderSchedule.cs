using System.Globalization;
using MeetingService.Contracts;
using Npgsql;
using Quartz;

namespace NotificationService.Reminders;

/// <summary>The schedule of reminders: one Quartz trigger for the newest version of each meeting that has one.</summary>
internal sealed class ReminderSchedule(ISchedulerFactory schedulers)
{
    private const string Group = "reminders";

    private const string MeetingIdKey = "meeting";
    private const string VersionKey = "version";

    /// <summary>A job fails when the database is away: tried again after 1 s, 2 s ... 1 min, for a bit more than a day.</summary>
    private static readonly RetryPolicy WhenTheJobFails =
        RetryPolicy.Exponential(1500, TimeSpan.FromSeconds(1), 2, TimeSpan.FromMinutes(1), jitter: 0.2);

    /// <summary>Puts the reminder of the new version in the place of the old one's, and commits the transaction.</summary>
    public async Task ReplaceAsync(
        NpgsqlTransaction transaction, TrackedMeeting? stored, MeetingDetails meeting, DateTimeOffset? remindAt, CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken);
        // Disposed after the commit, because that is when Quartz wakes the scheduler for the new trigger.
        using var enlisted = scheduler.EnlistTransaction(transaction);
        if (stored is not null)
            await scheduler.UnscheduleJob(KeyOf(stored.Details), cancellationToken);
        if (remindAt is { } at)
            await scheduler.ScheduleTrigger(TriggerFor(meeting, at), TriggerConflict.Replace, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Which version of which meeting a trigger was made for.</summary>
    public static (string MeetingId, long Version) Read(JobDataMap data) =>
        ((string)data[MeetingIdKey]!, long.Parse((string)data[VersionKey]!, CultureInfo.InvariantCulture));

    /// <summary>The version is part of the key: the end of one version's job never takes away the next one's trigger.</summary>
    private static TriggerKey KeyOf(MeetingDetails meeting) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{meeting.MeetingId}/{meeting.Version}"), Group);

    private static ITrigger TriggerFor(MeetingDetails meeting, DateTimeOffset at) => TriggerBuilder.Create()
        .WithIdentity(KeyOf(meeting))
        .ForJob(ReminderJob.Key)
        .StartAt(at)
        // One that was missed while no instance ran fires as soon as one does; the job judges whether it is too late.
        .WithSchedule(SimpleScheduleBuilder.Create().WithMisfireInstruction(SimpleTriggerMisfireInstruction.FireNow))
        .WithRetryPolicy(WhenTheJobFails)
        .UsingJobData(MeetingIdKey, meeting.MeetingId)
        .UsingJobData(VersionKey, meeting.Version.ToString(CultureInfo.InvariantCulture))
        .Build();
}
