using Npgsql;
using Quartz;

namespace NotificationService.Reminders;

/// <summary>Quartz on the service's database, clustered: every instance schedules, and each trigger fires on one of them.</summary>
internal static class Scheduling
{
    /// <summary>Reminders fired at a time per instance; each is a few rows written.</summary>
    private const int Concurrency = 8;

    /// <summary>An instance that has been silent for the sum of these two is dead, and the others take over what it was doing.</summary>
    private static readonly TimeSpan CheckinInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CheckinGrace = TimeSpan.FromSeconds(4);

    public static void AddReminderSchedule(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ReminderSchedule>();
        builder.Services.AddSingleton<PlanReminder>();
        builder.Services.AddQuartz(quartz => quartz
            .ConfigureScheduler(scheduler => scheduler.InstanceName = "notifications")
            .UseDefaultThreadPool(Concurrency)
            .UsePersistentStore(store => store
                .UsePostgres(source => source.DataSourceFactory = services => services.GetRequiredService<NpgsqlDataSource>())
                .UseClustering(cluster =>
                {
                    cluster.CheckinInterval = CheckinInterval;
                    cluster.CheckinMisfireThreshold = CheckinGrace;
                })
                .ProvisionSchema()
                .ConfigureStore(options =>
                {
                    options.StoreJobDataAsStrings = true;
                    options.AcceptEnlistedTransactions = true;
                }))
            .AddJob<ReminderJob>(job => job.WithIdentity(ReminderJob.Key).StoreDurably().RequestRecovery())
            .AddJob<ForgetOldMeetings>(job => job.WithIdentity(ForgetOldMeetings.Key).StoreDurably())
            .AddTrigger(trigger => trigger
                .WithIdentity("forget-old-meetings")
                .ForJob(ForgetOldMeetings.Key)
                .StartNow()
                .WithSchedule(SimpleScheduleBuilder.Create().WithInterval(ForgetOldMeetings.Interval).RepeatForever()))
            .AddQuartzHealthChecks());
        builder.Services.AddQuartzHostedService(options => options.WaitForJobsToComplete = true);
    }
}
