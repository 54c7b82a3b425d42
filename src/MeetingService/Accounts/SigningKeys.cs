using System.Security.Cryptography;
using Marten;
using MeetingService.Storage;
using Microsoft.IdentityModel.Tokens;
using ServiceDefaults;

namespace MeetingService.Accounts;

/// <summary>
/// A key that session tokens are signed with. It is not encrypted at rest: whoever reads this database can read every account anyway, and
/// encrypting it would only move the secret next door.
/// </summary>
/// <param name="Id">Which key it is: replicas that start at once agree on one, because the second to insert a slot fails and takes the first's.</param>
/// <param name="PrivateKey">PKCS #8, DER.</param>
internal sealed record SigningKey(string Id, byte[] PrivateKey, DateTimeOffset CreatedAt)
{
    public const string FirstSlot = "1";
}

/// <summary>The platform's signing keys, kept in PostgreSQL and made when there are none.</summary>
internal sealed class SigningKeys(IDocumentStore store, TimeProvider time) : ISigningKeys, IHostedService
{
    private volatile IReadOnlyList<ECDsaSecurityKey> _keys = [];

    /// <summary>Set before the first request is served, since hosted services start before the web server.</summary>
    public ECDsaSecurityKey Current => _keys[0];

    public IReadOnlyList<ECDsaSecurityKey> All => _keys;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var session = store.LightweightSession();
        var key = await session.LoadAsync<SigningKey>(SigningKey.FirstSlot, cancellationToken) ?? await CreateAsync(cancellationToken);
        _keys = [Open(key)];
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>There is one key, known from the start, so there is nothing to look up again.</summary>
    public ValueTask<IReadOnlyList<SecurityKey>> GetAsync(bool refresh, CancellationToken cancellationToken) => new(_keys);

    private async Task<SigningKey> CreateAsync(CancellationToken cancellationToken)
    {
        await using var session = store.LightweightSession();
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var key = new SigningKey(SigningKey.FirstSlot, ecdsa.ExportPkcs8PrivateKey(), time.GetUtcNow());
        try
        {
            session.Insert(key);
            await session.SaveChangesAsync(cancellationToken);
            return key;
        }
        catch (Exception exception) when (exception.IsUniqueViolation())
        {
            return await session.LoadAsync<SigningKey>(SigningKey.FirstSlot, cancellationToken) ?? throw new InvalidOperationException("The signing key vanished.");
        }
    }

    private static ECDsaSecurityKey Open(SigningKey key)
    {
        var ecdsa = ECDsa.Create();
        ecdsa.ImportPkcs8PrivateKey(key.PrivateKey, out _);
        var opened = new ECDsaSecurityKey(ecdsa);
        opened.KeyId = Base64UrlEncoder.Encode(opened.ComputeJwkThumbprint());
        return opened;
    }
}
