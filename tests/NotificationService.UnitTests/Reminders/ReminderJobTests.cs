using NotificationService.Reminders;

namespace NotificationService.UnitTests.Reminders;

public sealed class ReminderJobTests
{
    private static readonly TrackedMeeting Meeting = new(SomeMeeting.Details, Cancelled: false, SomeMeeting.RemindAt);

    [Fact]
    public void A_reminder_in_time_is_sent()
    {
        Assert.Equal(ReminderJob.Verdict.Remind, ReminderJob.Decide(Meeting, version: 3, SomeMeeting.RemindAt));
    }

    [Fact]
    public void A_missed_reminder_is_sent_while_the_meeting_goes_on()
    {
        Assert.Equal(ReminderJob.Verdict.Remind, ReminderJob.Decide(Meeting, version: 3, SomeMeeting.Details.EndsAt.AddSeconds(-1)));
    }

    [Fact]
    public void A_missed_reminder_is_dropped_when_the_meeting_has_ended()
    {
        Assert.Equal(ReminderJob.Verdict.TooLate, ReminderJob.Decide(Meeting, version: 3, SomeMeeting.Details.EndsAt));
    }

    [Fact]
    public void A_trigger_of_another_version_is_stale()
    {
        Assert.Equal(ReminderJob.Verdict.Stale, ReminderJob.Decide(Meeting, version: 2, SomeMeeting.RemindAt));
    }

    [Fact]
    public void A_trigger_of_a_cancelled_meeting_is_stale()
    {
        Assert.Equal(ReminderJob.Verdict.Stale, ReminderJob.Decide(Meeting with { Cancelled = true, RemindAt = null }, version: 3, SomeMeeting.RemindAt));
    }

    [Fact]
    public void A_trigger_of_a_forgotten_meeting_is_stale()
    {
        Assert.Equal(ReminderJob.Verdict.Stale, ReminderJob.Decide(null, version: 3, SomeMeeting.RemindAt));
    }
}
