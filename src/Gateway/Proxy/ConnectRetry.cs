using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Proxy;

/// <summary>
/// Sends a request to another instance when the chosen one could not be connected to. Nothing of the request had been sent then, so this is safe
/// for every method; a request that failed later may have been carried out, and is not repeated.
/// </summary>
internal sealed class ConnectRetry(RequestDelegate next, ILogger<ConnectRetry> log)
{
    /// <summary>Three instances tried: with more away at once, waiting is better than trying on.</summary>
    private const int MaximumRetries = 2;

    public async Task InvokeAsync(HttpContext context)
    {
        var proxy = context.GetReverseProxyFeature();
        var untried = proxy.AvailableDestinations;
        await next(context);
        for (var retry = 0; retry < MaximumRetries && CouldNotConnect(context); retry++)
        {
            log.LogWarning("No connection to {Destination}", proxy.ProxiedDestination?.DestinationId);
            untried = [.. untried.Where(destination => destination != proxy.ProxiedDestination)];
            if (untried.Count == 0)
                return;
            context.Response.Clear();
            context.Features.Set<IForwarderErrorFeature>(null);
            proxy.ProxiedDestination = null;
            proxy.AvailableDestinations = untried;
            await next(context);
        }
    }

    private static bool CouldNotConnect(HttpContext context) =>
        !context.Response.HasStarted
        && !context.RequestAborted.IsCancellationRequested
        && context.GetForwarderErrorFeature() is { Error: ForwarderError.Request, Exception: HttpRequestException failure }
        && failure.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError;
}
