using MeetingService.Accounts;

namespace MeetingService.Meetings;

internal static class MeetingsModule
{
    public static void MapMeetings(this IEndpointRouteBuilder routes)
    {
        var meetings = routes.MapGroup("/meetings").RequireUser();
        ScheduleMeeting.Map(meetings);
        GetMeetings.Map(meetings);
        ChangeMeeting.Map(meetings);
        CancelMeeting.Map(meetings);
    }
}
