using System.Net;

namespace AppHost.Local.Supervision;

/// <summary>Asks a health address. A service that speaks gRPC alone refuses HTTP/1.1, so HTTP/2 without TLS is tried as well.</summary>
internal sealed class HealthProbe(Uri address) : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout };
    private Version _version = HttpVersion.Version11;

    public async Task<bool> IsHealthyAsync(CancellationToken cancellationToken)
    {
        if (await AskAsync(cancellationToken) is { } answer)
            return answer;
        _version = _version == HttpVersion.Version11 ? HttpVersion.Version20 : HttpVersion.Version11;
        return await AskAsync(cancellationToken) ?? false;
    }

    public void Dispose() => _client.Dispose();

    /// <returns>Null when this version of HTTP was not understood, or nobody listens.</returns>
    private async Task<bool?> AskAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Version = _version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        try
        {
            using var response = await _client.SendAsync(request, cancellationToken);
            // Kestrel's answer to HTTP/1.1 on an address that speaks HTTP/2 only is 400.
            return response.StatusCode == HttpStatusCode.BadRequest ? null : response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
