namespace MeetingService.Contracts;

/// <summary>A meeting exists. <see cref="EventId"/> identifies the stored event: a consumer that has seen it ignores a second delivery.</summary>
/// <param name="EventId">Id of the event in the meeting's stream.</param>
/// <param name="Meeting">The meeting as of this event.</param>
public sealed record MeetingScheduled(Guid EventId, MeetingDetails Meeting);

/// <summary>A meeting's details changed; carries the whole meeting, so that consumers need not have seen earlier messages.</summary>
public sealed record MeetingChanged(Guid EventId, MeetingDetails Meeting);

/// <summary>A meeting was deleted: forget its reminders, end its room.</summary>
public sealed record MeetingCancelled(Guid EventId, MeetingDetails Meeting);

/// <param name="MeetingId">24 lower-case hexadecimal characters; also the conference room's id.</param>
/// <param name="Version">Number of the event in the meeting's stream, from 1: a lower one than seen is old news.</param>
/// <param name="ApplicationId">The application (tenant) that the meeting belongs to.</param>
/// <param name="HostUserId">The user who made it, the only one who may change it.</param>
/// <param name="HostName">Display name of the host, if known.</param>
/// <param name="HostEmail">Address of the host, if known.</param>
/// <param name="NotifyBefore">How long before the start attendees are reminded; null for no reminder.</param>
/// <param name="TimeZoneName">IANA name, such as <c>Europe/Riga</c>, if the host gave one.</param>
public sealed record MeetingDetails(
    string MeetingId,
    long Version,
    long ApplicationId,
    string Name,
    DateTimeOffset StartsAt,
    DateTimeOffset EndsAt,
    long HostUserId,
    string? HostName,
    string? HostEmail,
    bool Notify,
    TimeSpan? NotifyBefore,
    string? TimeZoneName,
    IReadOnlyList<MeetingAttendee> Attendees);

/// <param name="UserId">Null for somebody who is known by address only.</param>
/// <param name="Email">The address given for the meeting, else the user's own, else null: such an attendee gets no mail.</param>
public sealed record MeetingAttendee(long? UserId, string? Email, string? Name);
