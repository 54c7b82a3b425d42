namespace MeetingService.Meetings;

/// <summary>A meeting as its events leave it; also the read model that queries run on.</summary>
internal sealed record Meeting
{
    public required string Id { get; init; }

    /// <summary>Number of the last event, from 1.</summary>
    public required long Version { get; init; }

    public required long ApplicationId { get; init; }

    public required long HostId { get; init; }

    public required string Name { get; init; }

    public required DateTimeOffset StartsAt { get; init; }

    public required DateTimeOffset EndsAt { get; init; }

    public required IReadOnlyList<Attendee> Attendees { get; init; }

    /// <summary>Host and attendees as <see cref="ParticipantKey"/>s: one indexed list answers "whose meetings".</summary>
    public required IReadOnlyList<string> Participants { get; init; }

    public required bool Record { get; init; }

    public required bool Public { get; init; }

    public required bool Scheduled { get; init; }

    public required bool Notify { get; init; }

    public NotifyBefore? NotifyBefore { get; init; }

    public MeetingTimeZone? TimeZone { get; init; }

    public string? ChatDialogId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public bool IsParticipant(long userId, string? email) =>
        Participants.Contains(ParticipantKey.Of(userId)) || (email is not null && Participants.Contains(email));

    /// <returns>Null once the meeting is cancelled.</returns>
    public static Meeting? After(Meeting? meeting, IMeetingEvent happened, long version) =>
        (happened is MeetingScheduled scheduled ? From(scheduled) : meeting?.With(happened)) is { } next
            ? next with { Version = version, UpdatedAt = happened.At }
            : null;

    public static Meeting From(MeetingScheduled scheduled) => new()
    {
        Id = scheduled.MeetingId,
        Version = 1,
        ApplicationId = scheduled.ApplicationId,
        HostId = scheduled.HostId,
        Name = scheduled.Name,
        StartsAt = scheduled.StartsAt,
        EndsAt = scheduled.EndsAt,
        Attendees = scheduled.Attendees,
        Participants = ParticipantsOf(scheduled.HostId, scheduled.Attendees),
        Record = scheduled.Record,
        Public = scheduled.Public,
        Scheduled = scheduled.Scheduled,
        Notify = scheduled.Notify,
        NotifyBefore = scheduled.NotifyBefore,
        TimeZone = scheduled.TimeZone,
        ChatDialogId = scheduled.ChatDialogId,
        CreatedAt = scheduled.At,
        UpdatedAt = scheduled.At,
    };

    private Meeting? With(IMeetingEvent happened) => happened switch
    {
        MeetingRenamed renamed => this with { Name = renamed.Name },
        MeetingRescheduled moved => this with { StartsAt = moved.StartsAt, EndsAt = moved.EndsAt },
        AttendeesReplaced replaced => this with { Attendees = replaced.Attendees, Participants = ParticipantsOf(HostId, replaced.Attendees) },
        RecordingSwitched switched => this with { Record = switched.Record },
        VisibilityChanged changed => this with { Public = changed.Public },
        ScheduledFlagChanged changed => this with { Scheduled = changed.Scheduled },
        ReminderChanged changed => this with { Notify = changed.Notify, NotifyBefore = changed.NotifyBefore },
        TimeZoneChanged changed => this with { TimeZone = changed.TimeZone },
        MeetingCancelled => null,
        _ => this,
    };

    private static IReadOnlyList<string> ParticipantsOf(long hostId, IReadOnlyList<Attendee> attendees) =>
    [
        .. attendees.SelectMany(attendee => new[] { attendee.Id is { } id ? ParticipantKey.Of(id) : null, attendee.Email })
            .OfType<string>()
            .Prepend(ParticipantKey.Of(hostId))
            .Distinct(),
    ];
}
