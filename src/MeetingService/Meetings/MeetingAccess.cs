using MeetingService.Wire;

namespace MeetingService.Meetings;

/// <summary>Who may do what. Another application's meeting does not exist; one's own application's may be forbidden.</summary>
internal static class MeetingAccess
{
    public static Outcome<Meeting> ToRead(Meeting? meeting, long applicationId, long userId, string? email) =>
        meeting is null || meeting.ApplicationId != applicationId ? Problem.NotFound
        : meeting.Public || meeting.IsParticipant(userId, email) ? meeting
        : Problem.Forbidden("Only the host and the attendees may see this meeting");

    public static Outcome<Meeting> ToChange(Meeting? meeting, long applicationId, long userId) =>
        meeting is null || meeting.ApplicationId != applicationId ? Problem.NotFound
        : meeting.HostId == userId ? meeting
        : Problem.Forbidden("Only the host may change or delete this meeting");
}
