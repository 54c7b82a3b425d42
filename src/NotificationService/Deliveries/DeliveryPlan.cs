using MeetingService.Contracts;
using NotificationService.Mail;

namespace NotificationService.Deliveries;

/// <summary>Whether a mail that is owed is still worth sending. Pure.</summary>
internal abstract record DeliveryPlan
{
    /// <summary>A mail that could not be sent for this long is given up.</summary>
    public static readonly TimeSpan GiveUpAfter = TimeSpan.FromHours(24);

    /// <summary>PostgreSQL keeps microseconds; times closer than this are the same.</summary>
    private static readonly TimeSpan Precision = TimeSpan.FromMilliseconds(1);

    private DeliveryPlan()
    {
    }

    public sealed record Send(Recipient Recipient) : DeliveryPlan;

    /// <summary>Not owed any more: forget it, so that a meeting moved back to this time can owe it again.</summary>
    public sealed record Withdraw(string Reason) : DeliveryPlan;

    /// <summary>Owed, and too late.</summary>
    public sealed record GiveUp(string Reason) : DeliveryPlan;

    public static DeliveryPlan Decide(Delivery delivery, DateTimeOffset now)
    {
        var meeting = delivery.Meeting.Details;
        if (delivery.Meeting.Cancelled)
            return new Withdraw("the meeting was cancelled");
        if (delivery.Meeting.RemindAt is null && meeting.EndsAt > now)
            return new Withdraw("the meeting has no reminder any more");
        if ((meeting.StartsAt - delivery.StartsAt).Duration() > Precision)
            return new Withdraw("the meeting was moved");
        if (meeting.EndsAt <= now)
            return new GiveUp("the meeting has ended");
        if (now - delivery.CreatedAt > GiveUpAfter)
            return new GiveUp($"it could not be sent for {GiveUpAfter.TotalHours:0} hours");
        return Find(meeting, delivery.Address) is { } recipient ? new Send(recipient) : new Withdraw("the attendee was taken off the meeting");
    }

    private static Recipient? Find(MeetingDetails meeting, string address) =>
        Recipients.Of(meeting, out _).FirstOrDefault(recipient => recipient.Key == address);
}
