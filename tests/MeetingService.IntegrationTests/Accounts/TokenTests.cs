using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace MeetingService.IntegrationTests.Accounts;

[Collection(SharedServiceTests.Name)]
public sealed class TokenTests(SharedService shared)
{
    private const string NoSession = """{"errors":{"base":["Required session does not exist"]}}""";

    private readonly RunningService _service = shared.Service;

    [Fact]
    public async Task Key_set_holds_public_keys_only_and_checks_the_tokens()
    {
        using var user = await ApiClient.NewUserAsync(_service);
        var keySet = (await user.GetAsync("/.well-known/jwks.json")).Text;
        var key = Assert.Single(new JsonWebKeySet(keySet).Keys);

        var result = await new JsonWebTokenHandler().ValidateTokenAsync(user.Token, new()
        {
            ValidIssuer = "platform",
            ValidAudience = "platform",
            IssuerSigningKeys = new JsonWebKeySet(keySet).GetSigningKeys(),
        });

        Assert.True(result.IsValid, result.Exception?.Message);
        Assert.False(key.HasPrivateKey);
        Assert.DoesNotContain("\"d\"", keySet, StringComparison.Ordinal);
        Assert.Equal(key.Kid, ((JsonWebToken)result.SecurityToken).Kid);
        Assert.Equal("ES256", ((JsonWebToken)result.SecurityToken).Alg);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("empty")]
    [InlineData("garbage")]
    [InlineData("unsigned")]
    [InlineData("HS256 with the public key")]
    [InlineData("other key, same kid")]
    [InlineData("key inside the token")]
    [InlineData("changed claims")]
    [InlineData("long signature")]
    [InlineData("zero signature")]
    [InlineData("kid is a path")]
    [InlineData("huge")]
    public async Task Forged_token_is_no_session(string kind)
    {
        using var user = await ApiClient.NewUserAsync(_service);
        var parts = user.Token!.Split('.');
        var payload = Base64UrlEncoder.Decode(parts[1]);
        var keySet = (await user.GetAsync("/.well-known/jwks.json")).Text;
        var key = new JsonWebKeySet(keySet).Keys[0];
        using var otherKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var forged = kind switch
        {
            "none" => null,
            "empty" => " ",
            "garbage" => "a.b.c",
            "unsigned" => $"{Encode("""{"alg":"none","typ":"JWT"}""")}.{parts[1]}.",
            "HS256 with the public key" => WithHmac(Encode($$"""{"alg":"HS256","typ":"JWT","kid":"{{key.Kid}}"}"""), parts[1], keySet),
            "other key, same kid" => WithKey($$"""{"alg":"ES256","typ":"JWT","kid":"{{key.Kid}}"}""", payload, otherKey),
            "key inside the token" => WithKey(Embedded(otherKey), payload, otherKey),
            "changed claims" => $"{parts[0]}.{Encode(payload.Replace("\"guest\":false", "\"guest\":true", StringComparison.Ordinal))}.{parts[2]}",
            "long signature" => $"{parts[0]}.{parts[1]}.{Base64UrlEncoder.Encode(new byte[2000])}",
            "zero signature" => $"{parts[0]}.{parts[1]}.{Base64UrlEncoder.Encode(new byte[64])}",
            "kid is a path" => WithKey("""{"alg":"ES256","typ":"JWT","kid":"../../../../dev/null"}""", payload, otherKey),
            _ => $"{parts[0]}.{Encode(new string('x', 6000))}.{parts[2]}",
        };
        using var forger = new ApiClient(_service.NewClient(), forged);

        var answer = await forger.GetAsync("/session");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        Assert.Equal(NoSession, answer.Text);
        Assert.Equal(HttpStatusCode.OK, (await user.GetAsync("/session")).Status);
    }

    [Fact]
    public async Task Stale_token_does_not_stand_in_the_way_of_a_new_session()
    {
        using var stale = new ApiClient(_service.NewClient(), "stale.token.here");

        var opened = await stale.PostAsync("/session", new { application_id = 1, auth_key = "key-1", nonce = 1, timestamp = 2, signature = "abc" });

        Assert.Equal(HttpStatusCode.Created, opened.Status);
        Assert.Equal(0, (long)opened.Body!["session"]!["user_id"]!);
        Assert.Null(opened.Body["session"]!["user"]);
    }

    private static string Encode(string text) => Base64UrlEncoder.Encode(text);

    private static string WithHmac(string header, string payload, string secret) =>
        $"{header}.{payload}.{Base64UrlEncoder.Encode(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes($"{header}.{payload}")))}";

    private static string WithKey(string header, string payload, ECDsa key)
    {
        var signed = $"{Encode(header)}.{Encode(payload)}";
        return $"{signed}.{Base64UrlEncoder.Encode(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}";
    }

    private static string Embedded(ECDsa key)
    {
        var point = key.ExportParameters(false).Q;
        return $$$"""{"alg":"ES256","typ":"JWT","jwk":{"kty":"EC","crv":"P-256","x":"{{{Base64UrlEncoder.Encode(point.X)}}}","y":"{{{Base64UrlEncoder.Encode(point.Y)}}}"}}""";
    }
}
