using MeetingService.Contracts;

namespace NotificationService.Reminders;

/// <summary>What a message about a meeting changes. Pure: what is stored, what was heard and the time go in.</summary>
internal abstract record ReminderPlan
{
    private ReminderPlan()
    {
    }

    /// <summary>A repetition, or older than what is known: nothing changes.</summary>
    public sealed record OldNews : ReminderPlan;

    /// <summary>Remember the meeting, and remind its attendees at <paramref name="At"/>, which may lie in the past: then at once.</summary>
    public sealed record Remind(DateTimeOffset At) : ReminderPlan;

    /// <summary>Remember the meeting, without a reminder.</summary>
    public sealed record NoReminder : ReminderPlan;

    /// <param name="stored">What is known of the meeting; null for nothing.</param>
    /// <param name="heard">The meeting in the message.</param>
    /// <param name="cancelled">The message says that the meeting is no more.</param>
    /// <param name="now">The time.</param>
    public static ReminderPlan Decide(TrackedMeeting? stored, MeetingDetails heard, bool cancelled, DateTimeOffset now)
    {
        if (stored is not null && heard.Version <= stored.Details.Version)
            return new OldNews();
        return !cancelled && heard is { Notify: true, NotifyBefore: { } before } && heard.EndsAt > now
            ? new Remind(heard.StartsAt - before)
            : new NoReminder();
    }
}
