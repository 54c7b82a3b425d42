using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Proxy;

/// <summary>
/// Lets WebSockets go when this instance is told to stop. They last as long as a call, so waiting for them would only hold the stop up until the host's
/// limit (30 s); cut at once, clients connect again through another instance. Other requests are finished.
/// </summary>
internal sealed class WebSocketRelease(RequestDelegate next, IHostApplicationLifetime lifetime)
{
    public async Task InvokeAsync(HttpContext context)
    {
        using var release = IsWebSocket(context.Features) ? lifetime.ApplicationStopping.Register(context.Abort) : default;
        await next(context);
    }

    /// <summary>An upgrade in HTTP/1.1, an extended CONNECT in HTTP/2 (RFC 8441).</summary>
    private static bool IsWebSocket(IFeatureCollection features) =>
        features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } || features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true };
}
