using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace Gateway.Proxy;

/// <summary>Passes API calls and WebSockets on to the services; routes and clusters are configuration (section <c>ReverseProxy</c>).</summary>
internal static class ServiceProxy
{
    private const string ConfigurationSection = "ReverseProxy";

    /// <summary>A service on the same network answers a SYN in microseconds; past this the next instance is the better bet.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Requests within <see cref="TransportFailureRateHealthPolicyOptions.DetectionWindowSize"/> before their failure rate counts.</summary>
    private const int LeastRequestsForFailureRate = 3;

    public static void AddServiceProxy(this WebApplicationBuilder builder)
    {
        builder.Services.AddReverseProxy()
            .LoadFromConfig(builder.Configuration.GetSection(ConfigurationSection))
            .ConfigureHttpClient((_, handler) => handler.ConnectTimeout = ConnectTimeout);
        builder.Services.AddSingleton<IDestinationResolver, ServiceDestinationResolver>();
        builder.Services.Configure<TransportFailureRateHealthPolicyOptions>(options =>
        {
            options.DetectionWindowSize = TimeSpan.FromSeconds(10);
            options.MinimalTotalCountThreshold = LeastRequestsForFailureRate;
        });
    }

    public static void MapServiceProxy(this WebApplication app) => app.MapReverseProxy(proxy =>
    {
        proxy.UseMiddleware<WebSocketRelease>();
        proxy.UseMiddleware<ConnectRetry>();
        proxy.UseSessionAffinity();
        proxy.UseLoadBalancing();
        proxy.UsePassiveHealthChecks();
    });
}
