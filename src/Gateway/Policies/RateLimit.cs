using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Model;

namespace Gateway.Policies;

/// <summary>A token bucket: <paramref name="Burst"/> requests at once, refilled with <paramref name="PerSecond"/>.</summary>
internal sealed record Bucket(int Burst, int PerSecond);

/// <summary>Limits of one caller (section <c>RateLimit</c>).</summary>
internal sealed record RateLimitOptions
{
    /// <summary>One session's calls.</summary>
    public Bucket PerToken { get; init; } = new(Burst: 200, PerSecond: 50);

    /// <summary>All calls from one address; generous, since a whole office may stand behind it.</summary>
    public Bucket PerAddress { get; init; } = new(Burst: 4000, PerSecond: 1000);
}

/// <summary>
/// Limits the calls that go on to the services, by session token and by address. Both count: tokens are not checked here, so by token alone
/// a caller could make up a new one per request.
/// </summary>
internal static class RateLimit
{
    private const string ConfigurationSection = "RateLimit";
    private const string TokenHeader = "CB-Token";

    public static void AddRateLimit(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<RateLimitOptions>()
            .BindConfiguration(ConfigurationSection)
            .Validate(
                options => options is { PerToken: { Burst: > 0, PerSecond: > 0 }, PerAddress: { Burst: > 0, PerSecond: > 0 } },
                $"{ConfigurationSection}: Burst and PerSecond must be above 0.")
            .ValidateOnStart();
        builder.Services.AddRateLimiter(_ => { });
        builder.Services.AddOptions<RateLimiterOptions>().Configure<IOptions<RateLimitOptions>>((limiter, options) =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.OnRejected = TellWhenToTryAgain;
            // The address comes first: what it refuses takes no room in the map of tokens.
            limiter.GlobalLimiter = PartitionedRateLimiter.CreateChained(
                By(Address, options.Value.PerAddress), By(Token, options.Value.PerToken));
        });
    }

    public static void UseRateLimit(this WebApplication app) => app.UseRateLimiter();

    private static PartitionedRateLimiter<HttpContext> By(Func<HttpContext, string?> callerOf, Bucket bucket) =>
        PartitionedRateLimiter.Create<HttpContext, string>(context =>
            GoesToService(context) && callerOf(context) is { } caller
                ? RateLimitPartition.GetTokenBucketLimiter(caller, _ => new()
                {
                    TokenLimit = bucket.Burst,
                    TokensPerPeriod = bucket.PerSecond,
                    ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                })
                : RateLimitPartition.GetNoLimiter(string.Empty));

    private static bool GoesToService(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<RouteModel>() is not null;

    private static string? Address(HttpContext context) => context.Connection.RemoteIpAddress?.ToString();

    private static string? Token(HttpContext context) =>
        context.Request.Headers[TokenHeader].ToString() is { Length: > 0 } token ? token : null;

    private static ValueTask TellWhenToTryAgain(OnRejectedContext rejected, CancellationToken cancellationToken)
    {
        var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var time) ? time : TimeSpan.FromSeconds(1);
        rejected.HttpContext.Response.Headers[HeaderNames.RetryAfter] =
            Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return ValueTask.CompletedTask;
    }
}
