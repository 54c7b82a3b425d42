using Marten;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MeetingService.Accounts;

/// <summary><c>GET /session</c>: the session that the token stands for.</summary>
internal static class GetSession
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/session", Handle).WithSummary("Shows the session");

    private static async Task<Ok<SessionAnswer>> Handle(Caller caller, IQuerySession documents, CancellationToken cancellationToken)
    {
        var user = caller.UserId == 0 ? null : await documents.LoadAsync<User>(caller.UserId, cancellationToken);
        return TypedResults.Ok(new SessionAnswer(SessionJson.From(caller.Session, caller.Token, user)));
    }
}
