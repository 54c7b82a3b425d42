using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ServiceDefaults;

/// <summary>Who a session token speaks for.</summary>
/// <param name="SessionId">The session (claim <c>sid</c>).</param>
/// <param name="UserId">The user (claim <c>sub</c>); 0 for a session of the application alone.</param>
/// <param name="ApplicationId">The application, which is the tenant (claim <c>app</c>).</param>
/// <param name="Name">Display name, if the user has one (claim <c>name</c>).</param>
/// <param name="IsGuest">A user made for one session (claim <c>guest</c>).</param>
/// <param name="ExpiresAt">When the token runs out (claim <c>exp</c>).</param>
public sealed record SessionIdentity(long SessionId, long UserId, long ApplicationId, string? Name, bool IsGuest, DateTimeOffset ExpiresAt);

/// <summary>Names in the tokens that MeetingService signs and every service checks.</summary>
public static class SessionTokenNames
{
    public const string Issuer = "platform";
    public const string Audience = "platform";
    public const string SessionId = "sid";
    public const string UserId = "sub";
    public const string ApplicationId = "app";
    public const string DisplayName = "name";
    public const string Guest = "guest";

    /// <summary>ECDSA on P-256; no other algorithm is accepted, so a token cannot choose a weaker one.</summary>
    public const string Algorithm = SecurityAlgorithms.EcdsaSha256;

    /// <summary>Longest token that is looked at, in characters.</summary>
    public const int MaximumLength = 4096;
}

/// <summary>Checks session tokens against the platform's public keys and the list of sessions ended early.</summary>
public sealed class SessionTokenValidator(ISigningKeys keys, EndedSessions ended)
{
    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = SessionTokenNames.MaximumLength };

    /// <returns>Null when the token is malformed, forged, expired, for somebody else, or its session has ended.</returns>
    /// <exception cref="HttpRequestException">The public keys could not be fetched and none are cached.</exception>
    public async ValueTask<SessionIdentity?> ValidateAsync(string? token, CancellationToken cancellationToken = default)
    {
        if (string.IsNullOrEmpty(token) || token.Length > SessionTokenNames.MaximumLength || !_handler.CanReadToken(token))
            return null;
        var result = await _handler.ValidateTokenAsync(token, await ParametersAsync(refresh: false, cancellationToken));
        if (!result.IsValid && result.Exception is SecurityTokenSignatureKeyNotFoundException)
            result = await _handler.ValidateTokenAsync(token, await ParametersAsync(refresh: true, cancellationToken));
        return result.IsValid && Read((JsonWebToken)result.SecurityToken) is { } identity && !ended.Contains(identity.SessionId) ? identity : null;
    }

    private async ValueTask<TokenValidationParameters> ParametersAsync(bool refresh, CancellationToken cancellationToken) => new()
    {
        ValidIssuer = SessionTokenNames.Issuer,
        ValidAudience = SessionTokenNames.Audience,
        ValidAlgorithms = [SessionTokenNames.Algorithm],
        IssuerSigningKeys = await keys.GetAsync(refresh, cancellationToken),
        ClockSkew = TimeSpan.FromSeconds(5),
    };

    private static SessionIdentity? Read(JsonWebToken token) =>
        token.TryGetPayloadValue(SessionTokenNames.SessionId, out long sessionId)
        && token.TryGetPayloadValue(SessionTokenNames.UserId, out string subject) && long.TryParse(subject, out var userId)
        && token.TryGetPayloadValue(SessionTokenNames.ApplicationId, out long applicationId)
            ? new(
                sessionId,
                userId,
                applicationId,
                token.TryGetPayloadValue(SessionTokenNames.DisplayName, out string? name) ? name : null,
                token.TryGetPayloadValue(SessionTokenNames.Guest, out bool guest) && guest,
                token.ValidTo)
            : null;
}

public static class SessionTokens
{
    /// <summary>Registers <see cref="SessionTokenValidator"/> with keys from MeetingService; consume <c>SessionEnded</c> into <see cref="EndedSessions"/>.</summary>
    public static void AddSessionTokens(this WebApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddHttpClient(RemoteSigningKeys.HttpClientName, client => client.BaseAddress = new("http://meetings"));
        builder.Services.TryAddSingleton<ISigningKeys, RemoteSigningKeys>();
        builder.Services.AddSingleton<EndedSessions>();
        builder.Services.AddSingleton<SessionTokenValidator>();
    }
}
