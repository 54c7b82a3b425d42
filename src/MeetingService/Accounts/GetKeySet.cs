using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.IdentityModel.Tokens;
using ServiceDefaults;

namespace MeetingService.Accounts;

/// <summary><c>GET /.well-known/jwks.json</c>: the public half of the signing keys (RFC 7517), by which every service checks tokens.</summary>
internal static class GetKeySet
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/.well-known/jwks.json", Handle).WithSummary("Public keys of session tokens");

    private static Ok<KeySet> Handle(SigningKeys keys) => TypedResults.Ok(new KeySet([.. keys.All.Select(PublicKey)]));

    private static KeyJson PublicKey(ECDsaSecurityKey key)
    {
        var point = key.ECDsa.ExportParameters(includePrivateParameters: false).Q;
        return new("EC", "P-256", Base64UrlEncoder.Encode(point.X), Base64UrlEncoder.Encode(point.Y), key.KeyId, "sig", SessionTokenNames.Algorithm);
    }

    internal sealed record KeySet(IReadOnlyList<KeyJson> Keys);

    internal sealed record KeyJson(string Kty, string Crv, string X, string Y, string Kid, string Use, string Alg);
}
