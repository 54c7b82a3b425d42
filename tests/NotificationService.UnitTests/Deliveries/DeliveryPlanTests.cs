using MeetingService.Contracts;
using NotificationService.Deliveries;
using NotificationService.Reminders;

namespace NotificationService.UnitTests.Deliveries;

public sealed class DeliveryPlanTests
{
    private static readonly DateTimeOffset Now = SomeMeeting.RemindAt.AddSeconds(1);

    [Fact]
    public void A_mail_that_is_owed_is_sent_to_the_attendee()
    {
        var plan = Assert.IsType<DeliveryPlan.Send>(DeliveryPlan.Decide(OwedTo("ben@example.org"), Now));

        Assert.Equal("ben@example.org", plan.Recipient.Mailbox.Address);
    }

    [Fact]
    public void A_mail_of_a_cancelled_meeting_is_withdrawn()
    {
        var delivery = OwedTo("ben@example.org") with { Meeting = new(SomeMeeting.Details, Cancelled: true, RemindAt: null) };

        Assert.IsType<DeliveryPlan.Withdraw>(DeliveryPlan.Decide(delivery, Now));
    }

    [Fact]
    public void A_mail_of_a_moved_meeting_is_withdrawn()
    {
        var moved = SomeMeeting.Details with { StartsAt = SomeMeeting.StartsAt.AddSeconds(1) };

        Assert.IsType<DeliveryPlan.Withdraw>(DeliveryPlan.Decide(OwedTo("ben@example.org", moved), Now));
    }

    [Fact]
    public void A_start_that_lost_its_last_digit_in_the_database_is_the_same_start()
    {
        var delivery = OwedTo("ben@example.org") with { StartsAt = SomeMeeting.StartsAt.AddTicks(-9) };

        Assert.IsType<DeliveryPlan.Send>(DeliveryPlan.Decide(delivery, Now));
    }

    [Fact]
    public void A_mail_whose_reminder_was_switched_off_is_withdrawn()
    {
        var delivery = OwedTo("ben@example.org") with { Meeting = new(SomeMeeting.Details with { Notify = false }, Cancelled: false, RemindAt: null) };

        Assert.IsType<DeliveryPlan.Withdraw>(DeliveryPlan.Decide(delivery, Now));
    }

    [Fact]
    public void A_mail_to_somebody_no_longer_invited_is_withdrawn()
    {
        Assert.IsType<DeliveryPlan.Withdraw>(DeliveryPlan.Decide(OwedTo("gone@example.org"), Now));
    }

    [Fact]
    public void A_mail_is_given_up_when_the_meeting_has_ended()
    {
        Assert.IsType<DeliveryPlan.GiveUp>(DeliveryPlan.Decide(OwedTo("ben@example.org"), SomeMeeting.Details.EndsAt));
    }

    [Fact]
    public void A_mail_is_tried_for_a_day_and_then_given_up()
    {
        var longNotice = SomeMeeting.Details with { NotifyBefore = TimeSpan.FromDays(7) };
        var delivery = OwedTo("ben@example.org", longNotice) with { CreatedAt = SomeMeeting.StartsAt.AddDays(-7) };

        Assert.IsType<DeliveryPlan.Send>(DeliveryPlan.Decide(delivery, delivery.CreatedAt.AddHours(24)));
        Assert.IsType<DeliveryPlan.GiveUp>(DeliveryPlan.Decide(delivery, delivery.CreatedAt.AddHours(24).AddSeconds(1)));
    }

    private static Delivery OwedTo(string address, MeetingDetails? meeting = null) =>
        new(SomeMeeting.StartsAt, address, SomeMeeting.RemindAt, Attempts: 0, new TrackedMeeting(meeting ?? SomeMeeting.Details, Cancelled: false, SomeMeeting.RemindAt));
}
