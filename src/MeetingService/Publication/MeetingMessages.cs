using MeetingService.Accounts;
using MeetingService.Contracts;
using MeetingService.Meetings;

namespace MeetingService.Publication;

/// <summary>A stored event in the words of the contract.</summary>
internal static class MeetingMessages
{
    /// <param name="happened">The event, or the last of those that one command stored.</param>
    /// <param name="eventId">Its id; receivers know a second delivery by it.</param>
    /// <param name="meeting">The meeting after the event; before it, when the event cancelled the meeting.</param>
    /// <param name="version">The event's number in the meeting's stream.</param>
    /// <param name="users">The meeting's people that are known.</param>
    public static object From(IMeetingEvent happened, Guid eventId, Meeting meeting, long version, IReadOnlyDictionary<long, User> users)
    {
        var details = Details(meeting, version, users);
        return happened switch
        {
            Meetings.MeetingScheduled => new Contracts.MeetingScheduled(eventId, details),
            Meetings.MeetingCancelled => new Contracts.MeetingCancelled(eventId, details),
            _ => new MeetingChanged(eventId, details),
        };
    }

    public static IEnumerable<long> UserIdsOf(Meeting meeting) =>
        meeting.Attendees.Select(attendee => attendee.Id).OfType<long>().Append(meeting.HostId).Distinct();

    private static MeetingDetails Details(Meeting meeting, long version, IReadOnlyDictionary<long, User> users)
    {
        var host = users.GetValueOrDefault(meeting.HostId);
        return new(
            meeting.Id,
            version,
            meeting.ApplicationId,
            meeting.Name,
            meeting.StartsAt,
            meeting.EndsAt,
            meeting.HostId,
            host?.DisplayName,
            host?.Email,
            meeting.Notify,
            meeting.NotifyBefore?.ToTimeSpan(),
            meeting.TimeZone?.Name,
            [.. meeting.Attendees.Select(attendee => Attendee(attendee, meeting.ApplicationId, users))]);
    }

    /// <summary>An id that belongs to another application's user tells nothing about that user.</summary>
    private static MeetingAttendee Attendee(Attendee attendee, long applicationId, IReadOnlyDictionary<long, User> users)
    {
        var user = attendee.Id is { } id && users.TryGetValue(id, out var known) && known.ApplicationId == applicationId ? known : null;
        return new(attendee.Id, attendee.Email ?? user?.Email, user?.DisplayName);
    }
}
