namespace MeetingService.Wire;

/// <summary>Some SDKs end every path with <c>.json</c>; routes are written without it.</summary>
internal static class JsonSuffix
{
    private const string Suffix = ".json";

    /// <summary>Must stand before routing.</summary>
    public static void UseJsonSuffix(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var path = context.Request.Path;
        if (path.Value is { } text && text.EndsWith(Suffix, StringComparison.Ordinal) && !IsFile(path))
            context.Request.Path = text[..^Suffix.Length];
        return next(context);
    });

    private static bool IsFile(PathString path) => path.StartsWithSegments("/.well-known") || path.StartsWithSegments("/openapi");
}
