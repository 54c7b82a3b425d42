using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ServiceDefaults;

/// <summary>
/// <c>/health</c>: 200 when every check passes, so the service can take work; <c>/alive</c>: 200 while the process answers.
/// Mapped in every environment: Kubernetes probes need them in production.
/// </summary>
internal static class Health
{
    private const string ReadyPath = "/health";
    private const string LivePath = "/alive";
    private const string LiveTag = "live";

    public static bool IsProbe(PathString path) => path.StartsWithSegments(ReadyPath) || path.StartsWithSegments(LivePath);

    public static void AddHealth(this WebApplicationBuilder builder) =>
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [LiveTag]);

    public static void MapHealth(this WebApplication app)
    {
        app.MapHealthChecks(ReadyPath, new() { ResponseWriter = WriteReport }).DisableHttpMetrics();
        app.MapHealthChecks(LivePath, new HealthCheckOptions { Predicate = check => check.Tags.Contains(LiveTag) }).DisableHttpMetrics();
    }

    /// <summary>Names each failing check, so that whoever reads the probe's answer knows what is missing.</summary>
    private static Task WriteReport(HttpContext context, HealthReport report) =>
        context.Response.WriteAsJsonAsync(new
        {
            status = report.Status.ToString(),
            checks = report.Entries.ToDictionary(
                entry => entry.Key,
                entry => new { status = entry.Value.Status.ToString(), problem = entry.Value.Description ?? entry.Value.Exception?.Message }),
        });
}
