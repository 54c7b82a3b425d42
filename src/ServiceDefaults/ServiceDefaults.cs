using Microsoft.AspNetCore.Builder;

namespace ServiceDefaults;

/// <summary>What every service of the platform has: telemetry, health endpoints, service discovery and resilient HTTP clients.</summary>
public static class PlatformServiceDefaults
{
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder)
    {
        builder.AddTelemetry();
        builder.AddHealth();
        builder.AddHttpClients();
        return builder;
    }

    /// <summary>Maps <c>/health</c> (ready: every check passes) and <c>/alive</c> (live: the process answers).</summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        app.MapHealth();
        return app;
    }
}
