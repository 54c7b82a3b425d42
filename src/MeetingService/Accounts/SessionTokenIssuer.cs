using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using ServiceDefaults;

namespace MeetingService.Accounts;

/// <summary>Signs session tokens; <see cref="SessionTokenValidator"/> is the other side.</summary>
internal sealed class SessionTokenIssuer(SigningKeys keys)
{
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };

    public string Issue(Session session, User? user)
    {
        var claims = new Dictionary<string, object>
        {
            [SessionTokenNames.SessionId] = session.Id,
            [SessionTokenNames.UserId] = session.UserId.ToString(System.Globalization.CultureInfo.InvariantCulture),
            [SessionTokenNames.ApplicationId] = session.ApplicationId,
            [SessionTokenNames.Guest] = session.IsGuest,
        };
        if (user?.DisplayName is { } name)
            claims[SessionTokenNames.DisplayName] = name;
        return _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = SessionTokenNames.Issuer,
            Audience = SessionTokenNames.Audience,
            IssuedAt = session.CreatedAt.UtcDateTime,
            NotBefore = session.CreatedAt.UtcDateTime,
            Expires = session.TokenExpiresAt.UtcDateTime,
            Claims = claims,
            SigningCredentials = new(keys.Current, SessionTokenNames.Algorithm),
        });
    }
}
