using NotificationService.Reminders;

namespace NotificationService.UnitTests.Reminders;

public sealed class ReminderPlanTests
{
    private static readonly DateTimeOffset DayBefore = SomeMeeting.StartsAt.AddDays(-1);
    private static readonly TrackedMeeting Stored = new(SomeMeeting.Details, Cancelled: false, SomeMeeting.RemindAt);

    [Fact]
    public void A_new_meeting_is_reminded_of_the_notice_before_its_start()
    {
        Assert.Equal(new ReminderPlan.Remind(SomeMeeting.RemindAt), ReminderPlan.Decide(null, SomeMeeting.Details, cancelled: false, DayBefore));
    }

    [Fact]
    public void A_notice_of_zero_reminds_at_the_start()
    {
        var meeting = SomeMeeting.Details with { NotifyBefore = TimeSpan.Zero };

        Assert.Equal(new ReminderPlan.Remind(SomeMeeting.StartsAt), ReminderPlan.Decide(null, meeting, cancelled: false, DayBefore));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(2)]
    public void A_version_already_known_or_older_changes_nothing(long version)
    {
        var heard = SomeMeeting.Details with { Version = version, StartsAt = SomeMeeting.StartsAt.AddHours(5) };

        Assert.IsType<ReminderPlan.OldNews>(ReminderPlan.Decide(Stored, heard, cancelled: false, DayBefore));
    }

    [Fact]
    public void An_older_change_does_not_bring_back_a_cancelled_meeting()
    {
        var cancelled = Stored with { Cancelled = true, RemindAt = null };

        Assert.IsType<ReminderPlan.OldNews>(ReminderPlan.Decide(cancelled, SomeMeeting.Details with { Version = 2 }, cancelled: false, DayBefore));
    }

    [Fact]
    public void An_older_cancellation_does_not_remove_the_reminder()
    {
        Assert.IsType<ReminderPlan.OldNews>(ReminderPlan.Decide(Stored, SomeMeeting.Details with { Version = 2 }, cancelled: true, DayBefore));
    }

    [Fact]
    public void A_moved_meeting_moves_its_reminder()
    {
        var moved = SomeMeeting.Details with { Version = 4, StartsAt = SomeMeeting.StartsAt.AddHours(2), EndsAt = SomeMeeting.StartsAt.AddHours(3) };

        Assert.Equal(new ReminderPlan.Remind(SomeMeeting.RemindAt.AddHours(2)), ReminderPlan.Decide(Stored, moved, cancelled: false, DayBefore));
    }

    [Fact]
    public void A_cancellation_leaves_no_reminder()
    {
        Assert.IsType<ReminderPlan.NoReminder>(ReminderPlan.Decide(Stored, SomeMeeting.Details with { Version = 4 }, cancelled: true, DayBefore));
    }

    [Fact]
    public void A_cancellation_heard_first_is_remembered()
    {
        Assert.IsType<ReminderPlan.NoReminder>(ReminderPlan.Decide(null, SomeMeeting.Details, cancelled: true, DayBefore));
    }

    [Fact]
    public void Without_notify_there_is_no_reminder()
    {
        Assert.IsType<ReminderPlan.NoReminder>(ReminderPlan.Decide(null, SomeMeeting.Details with { Notify = false }, cancelled: false, DayBefore));
    }

    [Fact]
    public void Without_a_notice_there_is_no_reminder()
    {
        Assert.IsType<ReminderPlan.NoReminder>(ReminderPlan.Decide(null, SomeMeeting.Details with { NotifyBefore = null }, cancelled: false, DayBefore));
    }

    [Fact]
    public void A_meeting_heard_of_after_its_reminder_was_due_is_still_reminded_of()
    {
        var plan = ReminderPlan.Decide(null, SomeMeeting.Details, cancelled: false, SomeMeeting.StartsAt.AddMinutes(5));

        Assert.Equal(new ReminderPlan.Remind(SomeMeeting.RemindAt), plan);
    }

    [Fact]
    public void A_meeting_that_has_ended_is_not_reminded_of()
    {
        Assert.IsType<ReminderPlan.NoReminder>(ReminderPlan.Decide(null, SomeMeeting.Details, cancelled: false, SomeMeeting.Details.EndsAt));
    }
}
