using Marten;
using MeetingService.Accounts;
using MeetingService.Wire;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MeetingService.Meetings;

/// <summary><c>POST /meetings</c>: the caller becomes the host.</summary>
/// <param name="Fields">What was given about the meeting.</param>
/// <param name="WithChat">Member <c>chat</c>: the meeting gets a dialog.</param>
internal sealed record ScheduleMeeting(MeetingFields Fields, bool WithChat)
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("", Handle).WithSummary("Schedules a meeting");

    public static Outcome<MeetingScheduled> Decide(ScheduleMeeting command, string meetingId, string chatDialogId, long hostId, long applicationId, DateTimeOffset now)
    {
        var fields = command.Fields;
        if (fields.Name is null)
            return Problem.Invalid("name", "is required");
        if (fields.StartsAt is not { } startsAt)
            return Problem.Invalid("start_date", "is required");
        if (fields.EndsAt is not { } endsAt)
            return Problem.Invalid("end_date", "is required");
        if (MeetingPeriod.Check(startsAt, endsAt) is { } problem)
            return problem;
        return new MeetingScheduled(
            meetingId,
            applicationId,
            hostId,
            fields.Name,
            startsAt,
            endsAt,
            fields.Attendees ?? [],
            fields.Record ?? false,
            fields.Public ?? false,
            fields.Scheduled ?? false,
            fields.Notify ?? false,
            fields.NotifyBefore.Or(null),
            fields.TimeZone.Or(null),
            command.WithChat ? chatDialogId : null,
            now);
    }

    private static async Task<Results<Created<MeetingJson>, Problem>> Handle(
        HttpRequest request, Caller caller, IDocumentSession documents, TimeProvider time, CancellationToken cancellationToken)
    {
        var body = await JsonBody.ReadAsync(request, cancellationToken);
        if (!body.IsSuccess)
            return body.Problem;
        var command = new ScheduleMeeting(MeetingFields.Read(body.Value), body.Value.Flag("chat") ?? false);
        if (body.Value.Problem is { } invalid)
            return invalid;
        var scheduled = Decide(command, MeetingId.New(), MeetingId.New(), caller.UserId, caller.ApplicationId, time.GetMilliseconds());
        if (!scheduled.IsSuccess)
            return scheduled.Problem;
        documents.Events.StartStream<Meeting>(scheduled.Value.MeetingId, scheduled.Value);
        await documents.SaveChangesAsync(cancellationToken);
        return TypedResults.Created((string?)null, MeetingJson.From(Meeting.From(scheduled.Value)));
    }
}
