using Marten;
using Marten.Patching;
using MeetingService.Wire;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MeetingService.Accounts;

/// <summary>
/// <c>POST /login</c> (old clients): makes the session that user's. The token stays the same, so services that read only the token still see
/// whom it was issued for; an app that goes on to a conference opens its session with the user instead.
/// </summary>
internal static class LogIn
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/login", Handle).WithSummary("Makes the session a user's");

    public static Outcome<User> Decide(User? known, bool passwordFits) =>
        known is not null && passwordFits ? known : Problem.Unauthorized("The login or the password is wrong");

    private static async Task<Results<Ok<UserAnswer>, Problem>> Handle(
        HttpRequest request, Caller caller, IDocumentSession documents, Users users, CancellationToken cancellationToken)
    {
        var body = await JsonBody.ReadAsync(request, cancellationToken);
        if (!body.IsSuccess)
            return body.Problem;
        if (Credentials.Read(body.Value) is not { } credentials)
            return body.Value.Problem!;
        var known = await Users.FindAsync(documents, caller.ApplicationId, credentials, cancellationToken);
        var user = Decide(known, users.IsPasswordOf(known, credentials.Password));
        if (!user.IsSuccess)
            return user.Problem;
        documents.Patch<Session>(caller.Session.Id).Set(session => session.UserId, user.Value.Id);
        await documents.SaveChangesAsync(cancellationToken);
        return TypedResults.Ok(new UserAnswer(UserJson.From(user.Value)));
    }
}
