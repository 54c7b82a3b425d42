using JasperFx;
using Marten;
using MeetingService.Accounts;
using MeetingService.Wire;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MeetingService.Meetings;

/// <summary><c>DELETE /meetings/{id}</c>: the host calls it off. Its events stay; nobody can read the meeting any longer.</summary>
internal static class CancelMeeting
{
    /// <summary>Attempts; each loses only to a change that got through.</summary>
    private const int MaximumAttempts = 5;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapDelete("/{id}", Handle).WithSummary("Cancels a meeting");

    public static MeetingCancelled Decide(DateTimeOffset now) => new(now);

    private static async Task<Results<Ok, Problem>> Handle(
        string id, Caller caller, IDocumentStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaximumAttempts; attempt++)
        {
            try
            {
                return await TryCancelAsync(id, caller, store, time.GetMilliseconds(), cancellationToken) is { } problem ? problem : TypedResults.Ok();
            }
            catch (ConcurrencyException)
            {
                // A change came between; what it left is cancelled as well.
            }
        }

        return Problem.Whole(StatusCodes.Status409Conflict, "The meeting is being changed by others; try again");
    }

    private static async Task<Problem?> TryCancelAsync(string id, Caller caller, IDocumentStore store, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!MeetingId.IsWellFormed(id))
            return Problem.NotFound;
        await using var documents = store.LightweightSession();
        var stream = await documents.Events.FetchForWriting<Meeting>(id, cancellationToken);
        var meeting = MeetingAccess.ToChange(stream.Aggregate, caller.ApplicationId, caller.UserId);
        if (!meeting.IsSuccess)
            return meeting.Problem;
        stream.AppendOne(Decide(now));
        await documents.SaveChangesAsync(cancellationToken);
        return null;
    }
}
