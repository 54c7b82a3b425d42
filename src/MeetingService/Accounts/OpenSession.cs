using System.Security.Cryptography;
using Marten;
using MeetingService.Storage;
using MeetingService.Wire;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MeetingService.Accounts;

/// <summary>
/// <c>POST /session</c>: a token for an application, or for one of its users. Signatures of old clients (nonce, timestamp, signature) and
/// a stale CB-Token are ignored: the way back from an expired session leads through here.
/// </summary>
internal sealed record OpenSession(long ApplicationId, string AuthKey, Credentials? Credentials, bool IsGuest, string? GuestName)
{
    public const int MaximumNameLength = 255;
    private const int MaximumAuthKeyLength = 255;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/session", Handle).WithSummary("Opens a session");

    /// <param name="request">What was asked.</param>
    /// <param name="application">The application whose id and key were given, if they fit.</param>
    /// <param name="known">The user with that login or address, if there is one.</param>
    /// <param name="passwordFits">Whether the password is that user's.</param>
    public static Outcome<Entrant> Decide(OpenSession request, Application? application, User? known, bool passwordFits) =>
        (application, request.Credentials, known) switch
        {
            (null, _, _) => Problem.Unauthorized("application_id or auth_key is wrong"),
            (_, null, _) when request.IsGuest => Entrant.NewGuest,
            (_, null, _) => Entrant.ApplicationAlone,
            (_, _, not null) when passwordFits => Entrant.KnownUser,
            ({ CreateUsersOnTheFly: true }, _, null) => Entrant.NewUser,
            _ => Problem.Unauthorized("The login or the password is wrong"),
        };

    internal static Outcome<OpenSession> Read(FieldReader fields)
    {
        var applicationId = fields.Whole("application_id", 1, long.MaxValue, orText: true);
        var authKey = fields.Text("auth_key", MaximumAuthKeyLength);
        var user = fields.Nested("user");
        var isGuest = user?.Has("guest") == true;
        var guestName = isGuest ? user!.Text("full_name", MaximumNameLength) : null;
        var credentials = user is null || isGuest ? null : Credentials.Read(user);
        if (applicationId is null && fields.Problem is null)
            fields.Refuse("application_id", "is required");
        if (authKey is null && fields.Problem is null)
            fields.Refuse("auth_key", "is required");
        if (fields.Has("provider"))
            fields.Refuse("provider", "is not supported: open the session with a login or an e-mail address");
        if (user is not null)
            fields.RefuseAll("user", user);
        return fields.Problem is { } problem ? problem : new OpenSession(applicationId!.Value, authKey!, credentials, isGuest, guestName);
    }

    private static async Task<Results<Created<SessionAnswer>, Problem>> Handle(
        HttpRequest request, IDocumentStore store, Applications applications, Users users, SessionTokenIssuer tokens, TimeProvider time, CancellationToken cancellationToken)
    {
        var body = await JsonBody.ReadAsync(request, cancellationToken);
        if (!body.IsSuccess)
            return body.Problem;
        var command = Read(body.Value);
        if (!command.IsSuccess)
            return command.Problem;
        var opened = await OpenAsync(command.Value, store, applications, users, tokens, time.GetMilliseconds(), cancellationToken);
        return opened.IsSuccess ? TypedResults.Created((string?)null, new SessionAnswer(opened.Value)) : opened.Problem;
    }

    private static async Task<Outcome<SessionJson>> OpenAsync(
        OpenSession command, IDocumentStore store, Applications applications, Users users, SessionTokenIssuer tokens, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var documents = store.LightweightSession();
        var application = applications.Authenticate(command.ApplicationId, command.AuthKey);
        var known = application is not null && command.Credentials is { } claimed
            ? await Users.FindAsync(documents, application.Id, claimed, cancellationToken)
            : null;
        var passwordFits = application is not null && command.Credentials is { } given && users.IsPasswordOf(known, given.Password);
        var entrant = Decide(command, application, known, passwordFits);
        if (!entrant.IsSuccess)
            return entrant.Problem;

        var user = entrant.Value.Kind switch
        {
            EntrantKind.NewUser => NewUser(command, users, now),
            EntrantKind.NewGuest => NewGuest(command, now),
            _ => known,
        };
        if (user is { Id: 0 })
            documents.Store(user);
        var session = NewSession(command.ApplicationId, user, now);
        documents.Store(session);
        try
        {
            await documents.SaveChangesAsync(cancellationToken);
        }
        catch (Exception exception) when (exception.IsUniqueViolation())
        {
            // Somebody made this user since we looked: now there is a password to compare with.
            return await OpenAsync(command, store, applications, users, tokens, now, cancellationToken);
        }

        return SessionJson.From(session, tokens.Issue(session, user), user);
    }

    private static User NewUser(OpenSession command, Users users, DateTimeOffset now) => new()
    {
        ApplicationId = command.ApplicationId,
        Login = command.Credentials!.Login,
        Email = command.Credentials.Email,
        PasswordHash = users.Hash(command.Credentials.Password),
        CreatedAt = now,
        UpdatedAt = now,
    };

    private static User NewGuest(OpenSession command, DateTimeOffset now) => new()
    {
        ApplicationId = command.ApplicationId,
        Login = "guest_login_" + RandomNumberGenerator.GetHexString(20, lowercase: true),
        FullName = command.GuestName,
        IsGuest = true,
        CreatedAt = now,
        UpdatedAt = now,
    };

    private static Session NewSession(long applicationId, User? user, DateTimeOffset now)
    {
        var tokenExpiresAt = now + SessionLifetimes.Token;
        var isGuest = user?.IsGuest ?? false;
        return new()
        {
            ApplicationId = applicationId,
            UserId = user?.Id ?? 0,
            IsGuest = isGuest,
            CreatedAt = now,
            LastRequestAt = now,
            ExpiresAt = SessionLifetimes.ExpiryAfterRequest(now, isGuest, tokenExpiresAt),
            TokenExpiresAt = tokenExpiresAt,
        };
    }
}
