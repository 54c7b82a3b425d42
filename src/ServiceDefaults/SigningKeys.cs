using Microsoft.IdentityModel.Tokens;

namespace ServiceDefaults;

/// <summary>The public keys that session tokens are signed with.</summary>
public interface ISigningKeys
{
    /// <param name="refresh">A token named a key that is not among those known: look again, unless that was done a moment ago.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<IReadOnlyList<SecurityKey>> GetAsync(bool refresh, CancellationToken cancellationToken);
}

/// <summary>Fetches the key set (RFC 7517) that MeetingService serves, and keeps it.</summary>
internal sealed class RemoteSigningKeys(IHttpClientFactory clients, TimeProvider time) : ISigningKeys, IDisposable
{
    public const string HttpClientName = "signing-keys";
    private const string KeySetPath = "/.well-known/jwks.json";

    /// <summary>Tokens with made-up key ids must not turn into requests to MeetingService.</summary>
    private static readonly TimeSpan LeastTimeBetweenFetches = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _gate = new(1);
    private volatile Fetched? _fetched;

    public async ValueTask<IReadOnlyList<SecurityKey>> GetAsync(bool refresh, CancellationToken cancellationToken)
    {
        if (_fetched is { } current && !(refresh && IsOld(current)))
            return current.Keys;
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_fetched is { } other && !(refresh && IsOld(other)))
                return other.Keys;
            using var client = clients.CreateClient(HttpClientName);
            var keys = new JsonWebKeySet(await client.GetStringAsync(new Uri(KeySetPath, UriKind.Relative), cancellationToken)).GetSigningKeys();
            _fetched = new([.. keys], time.GetUtcNow());
            return _fetched.Keys;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private bool IsOld(Fetched fetched) => time.GetUtcNow() - fetched.At > LeastTimeBetweenFetches;

    private sealed record Fetched(IReadOnlyList<SecurityKey> Keys, DateTimeOffset At);
}
