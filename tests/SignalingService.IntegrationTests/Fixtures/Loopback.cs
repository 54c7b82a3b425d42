using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace SignalingService.IntegrationTests.Fixtures;

internal static class Loopback
{
    /// <summary>A free port of this machine.</summary>
    public static IWebHostBuilder UseUrlsOnLoopback(this IWebHostBuilder host) => host.UseUrls("http://127.0.0.1:0");

    /// <summary>HTTP/2 without TLS, as gRPC between services.</summary>
    public static IWebHostBuilder ConfigureKestrelHttp2(this IWebHostBuilder host) =>
        host.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http2));
}
