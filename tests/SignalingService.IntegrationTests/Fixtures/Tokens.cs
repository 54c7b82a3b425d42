using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using ServiceDefaults;

namespace SignalingService.IntegrationTests.Fixtures;

/// <summary>Signs session tokens as MeetingService does, and serves the key.</summary>
internal sealed class Tokens : ISigningKeys
{
    private static readonly ECDsaSecurityKey Key = new(ECDsa.Create(ECCurve.NamedCurves.nistP256)) { KeyId = "test" };

    public static string For(long userId, long applicationId = 1) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Issuer = SessionTokenNames.Issuer,
        Audience = SessionTokenNames.Audience,
        Expires = DateTime.UtcNow.AddHours(1),
        SigningCredentials = new(Key, SecurityAlgorithms.EcdsaSha256),
        Claims = new Dictionary<string, object>
        {
            [SessionTokenNames.SessionId] = userId * 1000,
            [SessionTokenNames.UserId] = userId.ToString(System.Globalization.CultureInfo.InvariantCulture),
            [SessionTokenNames.ApplicationId] = applicationId,
        },
    });

    public ValueTask<IReadOnlyList<SecurityKey>> GetAsync(bool refresh, CancellationToken cancellationToken) => new([Key]);
}
