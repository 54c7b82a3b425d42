using Gateway.Policies;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.Options;

namespace Gateway.Page;

/// <summary>The application that the page opens its sessions with (section <c>Application</c>). The key is public: every browser gets it.</summary>
internal sealed record PageApplication
{
    public string Id { get; init; } = "";

    public string AuthKey { get; init; } = "";
}

/// <summary>Serves the web application that npm builds into wwwroot, and what it needs to know at start (<c>/config.json</c>).</summary>
internal static class WebPage
{
    private const string ConfigurationSection = "Application";
    private const string Document = "index.html";

    /// <summary>Vite names the files here by their content, so a name never changes its meaning.</summary>
    private const string HashedAssets = "/assets";

    private const string CachedForEver = "public, max-age=31536000, immutable";
    private const string AskedForEachTime = "no-cache";

    /// <summary>
    /// Files only. Answers of the API may hold a secret beside text that a stranger chose, and compressing the two together over TLS
    /// gives the secret away by its length (BREACH).
    /// </summary>
    private static readonly string[] CompressedTypes = ["text/html", "text/css", "text/javascript", "image/svg+xml"];

    public static void AddPage(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<PageApplication>().BindConfiguration(ConfigurationSection);
        builder.Services.AddResponseCompression(compression =>
        {
            compression.EnableForHttps = true;
            compression.MimeTypes = CompressedTypes;
            compression.Providers.Add<BrotliCompressionProvider>();
            compression.Providers.Add<GzipCompressionProvider>();
        });
    }

    public static void UsePage(this WebApplication app)
    {
        app.UseHsts();
        app.UseResponseCompression();
        app.UseStaticFiles(new StaticFileOptions
        {
            OnPrepareResponse = file =>
            {
                var headers = file.Context.Response.Headers;
                headers.CacheControl = file.Context.Request.Path.StartsWithSegments(HashedAssets) ? CachedForEver : AskedForEachTime;
                headers.XContentTypeOptions = "nosniff";
            },
        });
    }

    public static void MapPage(this WebApplication app)
    {
        app.MapGet("/", Serve);
        app.MapGet("/m/{meetingId}", Serve);
        app.MapGet("/config.json", (IOptions<PageApplication> application, HttpContext context) =>
        {
            context.Response.Headers.CacheControl = AskedForEachTime;
            return TypedResults.Json(new { applicationId = application.Value.Id, authKey = application.Value.AuthKey });
        });
    }

    /// <summary>The same document for each of its addresses: the page itself looks at the address.</summary>
    private static Task Serve(HttpContext context, IWebHostEnvironment environment)
    {
        var document = environment.WebRootFileProvider.GetFileInfo(Document);
        if (!document.Exists)
            return ErrorBodies.Write(context, StatusCodes.Status503ServiceUnavailable, "the web page is not built: npm ci && npm run build in src/Gateway/Web");
        SecurityHeaders.Add(context.Response.Headers);
        context.Response.Headers.CacheControl = AskedForEachTime;
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.SendFileAsync(document, context.RequestAborted);
    }
}
