namespace Gateway.Policies;

/// <summary>
/// Pages of any origin may call the platform: callers are told apart by the token that they send, never by a cookie, so an origin gives no rights.
/// Preflight requests are answered here.
/// </summary>
internal static class CrossOriginCalls
{
    private static readonly string[] Methods = ["GET", "POST", "PUT", "DELETE"];

    /// <summary>What the client SDKs send; see docs/gateway.md.</summary>
    private static readonly string[] RequestHeaders = ["Content-Type", "CB-SDK", "CB-Token", "CB-AuthKey", "CB-Api-Version"];

    private static readonly string[] ResponseHeaders = ["CB-Token-ExpirationDate"];

    /// <summary>Saves a preflight per call; browsers cap it at two hours themselves.</summary>
    private static readonly TimeSpan PreflightLifetime = TimeSpan.FromMinutes(10);

    public static void AddCrossOriginCalls(this WebApplicationBuilder builder) =>
        builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .AllowAnyOrigin()
            .WithMethods(Methods)
            .WithHeaders(RequestHeaders)
            .WithExposedHeaders(ResponseHeaders)
            .SetPreflightMaxAge(PreflightLifetime)));

    public static void UseCrossOriginCalls(this WebApplication app) => app.UseCors();
}
