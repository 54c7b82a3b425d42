using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using MediaNode.TestPeer.Janus;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Npgsql;

namespace Platform.EndToEndTests.BadInput;

/// <summary>Tokens as an attacker makes them, and one that is right but for its age: for that the platform's own key is taken from its database.</summary>
internal sealed class SignedTokens(RunningPlatform platform, Identity user)
{
    public static readonly IReadOnlyList<string> BadKinds =
        ["missing", "no token", "changed", "unsigned", "signed by another key", "of another issuer", "expired", "of an ended session"];

    /// <summary>Issuer and audience of every session token.</summary>
    private const string Platform = "platform";

    public async Task<string> MakeAsync(string kind) => kind switch
    {
        "missing" => "",
        "no token" => "tell me a secret",
        "changed" => WithPayload(user.Token, payload => payload["sub"] = "1"),
        "unsigned" => Unsigned(user.Token),
        "signed by another key" => Sign(ECDsa.Create(ECCurve.NamedCurves.nistP256), Platform, DateTime.UtcNow.AddHours(1)),
        "of another issuer" => Sign(await PlatformKeyAsync(), "elsewhere", DateTime.UtcNow.AddHours(1)),
        "expired" => Sign(await PlatformKeyAsync(), Platform, DateTime.UtcNow.AddMinutes(-1)),
        "of an ended session" => await EndedAsync(),
        "good" => Sign(await PlatformKeyAsync(), Platform, DateTime.UtcNow.AddHours(1)),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such kind of token"),
    };

    private static string WithPayload(string token, Action<JsonObject> change)
    {
        var parts = token.Split('.');
        var payload = JsonNode.Parse(Base64UrlEncoder.Decode(parts[1]))!.AsObject();
        change(payload);
        return $"{parts[0]}.{Base64UrlEncoder.Encode(payload.ToJsonString())}.{parts[2]}";
    }

    /// <summary>RFC 7515 appendix A.5, which RFC 8725 section 3.2 warns of.</summary>
    private static string Unsigned(string token) => $"{Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""")}.{token.Split('.')[1]}.";

    private string Sign(ECDsa key, string issuer, DateTime expires)
    {
        var token = new JsonWebToken(user.Token);
        var signingKey = new ECDsaSecurityKey(key) { KeyId = token.Kid };
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = Platform,
            IssuedAt = expires.AddDays(-1),
            NotBefore = expires.AddDays(-1),
            Expires = expires,
            SigningCredentials = new(signingKey, SecurityAlgorithms.EcdsaSha256),
            Claims = new Dictionary<string, object>
            {
                ["sid"] = token.GetPayloadValue<long>("sid"),
                ["sub"] = token.GetPayloadValue<string>("sub"),
                ["app"] = token.GetPayloadValue<long>("app"),
            },
        });
    }

    private async Task<ECDsa> PlatformKeyAsync()
    {
        var address = (await platform.ServicesAsync()).Single(service => service.Name == "postgres").Address!;
        var password = await File.ReadAllTextAsync(System.IO.Path.Combine(platform.State, "data", "postgres", "password"), Encoding.UTF8);
        await using var database = NpgsqlDataSource.Create(
            $"Host=127.0.0.1;Port={new Uri($"tcp://{address.Split("://")[^1]}").Port};Username=platform;Password={password.Trim()};Database=platform");
        await using var command = database.CreateCommand("select data ->> 'PrivateKey' from meetings.mt_doc_signingkey");
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(Convert.FromBase64String((string)(await command.ExecuteScalarAsync())!), out _);
        return key;
    }

    private async Task<string> EndedAsync()
    {
        var guest = await platform.OpenGuestSessionAsync("Guest");
        using var ended = await platform.SendAsync(guest.Token, HttpMethod.Delete, "session");
        ended.EnsureSuccessStatusCode();
        return guest.Token;
    }
}
