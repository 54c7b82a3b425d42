namespace MeetingService.Meetings;

/// <summary>What happened to a meeting. Events of one command share their moment.</summary>
internal interface IMeetingEvent
{
    DateTimeOffset At { get; }
}

internal sealed record MeetingScheduled(
    string MeetingId,
    long ApplicationId,
    long HostId,
    string Name,
    DateTimeOffset StartsAt,
    DateTimeOffset EndsAt,
    IReadOnlyList<Attendee> Attendees,
    bool Record,
    bool Public,
    bool Scheduled,
    bool Notify,
    NotifyBefore? NotifyBefore,
    MeetingTimeZone? TimeZone,
    string? ChatDialogId,
    DateTimeOffset At) : IMeetingEvent;

internal sealed record MeetingRenamed(string Name, DateTimeOffset At) : IMeetingEvent;

internal sealed record MeetingRescheduled(DateTimeOffset StartsAt, DateTimeOffset EndsAt, DateTimeOffset At) : IMeetingEvent;

internal sealed record AttendeesReplaced(IReadOnlyList<Attendee> Attendees, DateTimeOffset At) : IMeetingEvent;

internal sealed record RecordingSwitched(bool Record, DateTimeOffset At) : IMeetingEvent;

internal sealed record VisibilityChanged(bool Public, DateTimeOffset At) : IMeetingEvent;

internal sealed record ScheduledFlagChanged(bool Scheduled, DateTimeOffset At) : IMeetingEvent;

internal sealed record ReminderChanged(bool Notify, NotifyBefore? NotifyBefore, DateTimeOffset At) : IMeetingEvent;

internal sealed record TimeZoneChanged(MeetingTimeZone? TimeZone, DateTimeOffset At) : IMeetingEvent;

internal sealed record MeetingCancelled(DateTimeOffset At) : IMeetingEvent;

internal static class MeetingEvents
{
    public static readonly IReadOnlyList<Type> Types =
    [
        typeof(MeetingScheduled), typeof(MeetingRenamed), typeof(MeetingRescheduled), typeof(AttendeesReplaced), typeof(RecordingSwitched),
        typeof(VisibilityChanged), typeof(ScheduledFlagChanged), typeof(ReminderChanged), typeof(TimeZoneChanged), typeof(MeetingCancelled),
    ];
}
