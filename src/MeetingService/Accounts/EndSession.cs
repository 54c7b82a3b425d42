using JasperFx.Events;
using Marten;
using MeetingService.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MeetingService.Accounts;

/// <summary>Stored when a session ends before its token does; published so that every service refuses the token from then on.</summary>
internal sealed record SessionClosed(long SessionId, DateTimeOffset TokenExpiresAt);

/// <summary><c>DELETE /session</c>, and <c>DELETE /login</c>: the token names the user for good, so logging out ends it too.</summary>
internal static class EndSession
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapDelete("/session", Handle).WithSummary("Ends the session");
        routes.MapDelete("/login", Handle).WithSummary("Logs out, which ends the session");
    }

    /// <summary>Deletes the session and stores the event in one transaction. False when somebody else has ended it already.</summary>
    public static async Task<bool> EndAsync(IDocumentStore store, Session session, CancellationToken cancellationToken)
    {
        await using var documents = store.LightweightSession();
        documents.Delete<Session>(session.Id);
        documents.Events.StartStream($"session-{session.Id}", new SessionClosed(session.Id, session.TokenExpiresAt));
        try
        {
            await documents.SaveChangesAsync(cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is ExistingStreamIdCollisionException || exception.IsUniqueViolation())
        {
            return false;
        }
    }

    private static async Task<Ok> Handle(Caller caller, IDocumentStore store, CancellationToken cancellationToken)
    {
        await EndAsync(store, caller.Session, cancellationToken);
        return TypedResults.Ok();
    }
}
