using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Net.Http.Headers;

namespace Gateway.Policies;

/// <summary>Refuses long request bodies: by the announced length before a byte is read, else (chunked) as soon as the limit is passed.</summary>
internal static class BodyLimit
{
    /// <summary>1 MiB. The largest call that the platform knows, a meeting with some thousand attendees, takes about a tenth of it.</summary>
    public const long MaximumBytes = 1024 * 1024;

    public static void AddBodyLimit(this WebApplicationBuilder builder) =>
        builder.Services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaximumBytes;
        });

    public static void UseBodyLimit(this WebApplication app) => app.Use((context, next) =>
    {
        if (context.Request.ContentLength is not > MaximumBytes)
            return next(context);
        context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
        // Else the server would read on to the end of the refused body, to keep the connection.
        context.Response.Headers[HeaderNames.Connection] = "close";
        return Task.CompletedTask;
    });
}
