using System.Globalization;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Marten;
using Marten.Patching;
using MeetingService.Wire;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using ServiceDefaults;

namespace MeetingService.Accounts;

/// <summary>
/// Header <c>CB-Token</c>: the token's signature first, which costs strangers nothing here but arithmetic, then the stored session, which each
/// request renews.
/// </summary>
internal sealed class SessionAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, SessionTokenValidator tokens, IDocumentStore store, TimeProvider time)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "CB-Token";
    private const string TokenHeader = "CB-Token";
    private const string ExpiryHeader = "CB-Token-ExpirationDate";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        // POST /session carries whatever token the client still holds; where nobody asks, nothing is looked up.
        if (Context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>() is null)
            return AuthenticateResult.NoResult();
        var token = Request.Headers[TokenHeader].ToString();
        if (await tokens.ValidateAsync(token, Context.RequestAborted) is not { } identity)
            return AuthenticateResult.Fail("The token is not valid.");
        if (await LoadAsync(identity) is not { } session)
            return AuthenticateResult.Fail("The session has ended.");
        Context.Features.Set(new Caller(session, token));
        Response.Headers[ExpiryHeader] = session.ExpiresAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
        return AuthenticateResult.Success(new(new ClaimsPrincipal(new ClaimsIdentity(SchemeName)), SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => Problem.NoSession.ExecuteAsync(Context);

    private async Task<Session?> LoadAsync(SessionIdentity identity)
    {
        var now = time.GetMilliseconds();
        await using var documents = store.LightweightSession();
        var session = await documents.LoadAsync<Session>(identity.SessionId, Context.RequestAborted);
        if (session is null || session.ExpiresAt <= now || session.ApplicationId != identity.ApplicationId)
            return null;
        if (now - session.LastRequestAt < SessionLifetimes.LeastTimeBetweenRenewals)
            return session;

        // A patch, not a store: it must not bring back a session that was ended a moment ago.
        var expiresAt = SessionLifetimes.ExpiryAfterRequest(now, session.IsGuest, session.TokenExpiresAt);
        documents.Patch<Session>(session.Id).Set(stored => stored.LastRequestAt, now);
        documents.Patch<Session>(session.Id).Set(stored => stored.ExpiresAt, expiresAt);
        await documents.SaveChangesAsync(Context.RequestAborted);
        return session with { LastRequestAt = now, ExpiresAt = expiresAt };
    }
}
