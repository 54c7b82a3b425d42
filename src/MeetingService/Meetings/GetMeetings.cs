using Marten;
using MeetingService.Accounts;
using MeetingService.Wire;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MeetingService.Meetings;

/// <summary>
/// <c>GET /meetings?_id=…</c>: one meeting, as an object. <c>GET /meetings</c>: those that the caller hosts or attends, as a bare array, oldest first, so
/// that new ones do not shift the pages; with <c>CB-Api-Version: 2</c>, in a page with totals.
/// </summary>
internal static class GetMeetings
{
    private const string VersionHeader = "CB-Api-Version";

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("", Handle).WithSummary("Shows one meeting, or lists the caller's");

    private static async Task<Results<Ok<MeetingJson>, Ok<IReadOnlyList<MeetingJson>>, Ok<MeetingPage>, Problem>> Handle(
        HttpRequest request, Caller caller, IQuerySession documents, CancellationToken cancellationToken)
    {
        var query = MeetingQuery.Read(request.Query);
        if (!query.IsSuccess)
            return query.Problem;
        var email = (await documents.LoadAsync<User>(caller.UserId, cancellationToken))?.Email;
        if (query.Value.Id is { } id)
        {
            var found = MeetingId.IsWellFormed(id) ? await documents.LoadAsync<Meeting>(id, cancellationToken) : null;
            var readable = MeetingAccess.ToRead(found, caller.ApplicationId, caller.UserId, email);
            return readable.IsSuccess ? TypedResults.Ok(MeetingJson.From(readable.Value)) : readable.Problem;
        }

        var meetings = Of(documents, caller, email, query.Value.Filters);
        var page = await meetings.OrderBy(meeting => meeting.CreatedAt).ThenBy(meeting => meeting.Id)
            .Skip(query.Value.Offset).Take(query.Value.Limit).ToListAsync(cancellationToken);
        IReadOnlyList<MeetingJson> items = [.. page.Select(MeetingJson.From)];
        if (request.Headers[VersionHeader] != "2")
            return TypedResults.Ok(items);
        var total = await meetings.CountAsync(cancellationToken);
        return TypedResults.Ok(new MeetingPage(total, query.Value.Offset, query.Value.Limit, items));
    }

    private static IQueryable<Meeting> Of(IQuerySession documents, Caller caller, string? email, IReadOnlyList<MeetingFilter> filters)
    {
        var byId = ParticipantKey.Of(caller.UserId);
        var byEmail = email ?? byId;
        var mine = documents.Query<Meeting>().Where(meeting => meeting.ApplicationId == caller.ApplicationId
            && (meeting.Participants.Contains(byId) || meeting.Participants.Contains(byEmail)));
        return filters.Aggregate<MeetingFilter, IQueryable<Meeting>>(mine, (meetings, filter) => filter.Apply(meetings));
    }

    internal sealed record MeetingPage(int TotalEntries, int Skip, int Limit, IReadOnlyList<MeetingJson> Items);
}
