using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace ServiceDefaults;

/// <summary>Traces, metrics and logs; sent by OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set, kept nowhere otherwise.</summary>
internal static class Telemetry
{
    /// <summary>Sources and meters of the platform and its libraries: the platform's own are named "Platform.*".</summary>
    private static readonly string[] Names = ["Platform.*", "Npgsql", "MassTransit", "Marten", "Quartz", "Yarp.ReverseProxy"];

    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        // A line per request and per probe hides everything else; configuration ("Logging:LogLevel") can ask for them.
        if (!builder.Configuration.GetSection("Logging:LogLevel:Microsoft.AspNetCore").Exists())
            builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        if (!builder.Configuration.GetSection("Logging:LogLevel:System.Net.Http").Exists())
            builder.Logging.AddFilter("System.Net.Http", LogLevel.Warning);
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });
        var telemetry = builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddMeter(Names))
            .WithTracing(tracing => tracing
                .AddSource(builder.Environment.ApplicationName)
                .AddSource(Names)
                .AddAspNetCoreInstrumentation(options => options.Filter = context => !Health.IsProbe(context.Request.Path))
                .AddHttpClientInstrumentation());
        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            telemetry.UseOtlpExporter();
    }
}
