using Microsoft.AspNetCore.Diagnostics;
using Yarp.ReverseProxy.Model;

namespace Gateway.Policies;

/// <summary>Gives every error that the Gateway itself answers a body in the product's shape: <c>{"errors":{"base":["text"]}}</c>.</summary>
internal static class ErrorBodies
{
    public static void UseErrorBodies(this WebApplication app)
    {
        app.UseStatusCodePages(Write);
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = context => Write(context, StatusCodes.Status500InternalServerError) });
    }

    public static Task Write(HttpContext context, int status, string? text = null)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new { errors = new { @base = new[] { text ?? Text(context, status) } } });
    }

    private static Task Write(StatusCodeContext status) => Write(status.HttpContext, Status(status.HttpContext));

    /// <summary>A chunked body past the limit shows only when YARP reads it, and YARP calls it a bad request.</summary>
    private static int Status(HttpContext context) =>
        context.GetForwarderErrorFeature()?.Exception is { } failure && Causes(failure).OfType<BadHttpRequestException>().FirstOrDefault() is { } bad
            ? bad.StatusCode
            : context.Response.StatusCode;

    private static IEnumerable<Exception> Causes(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            yield return cause;
            foreach (var inner in cause is AggregateException several ? several.InnerExceptions : [])
                yield return inner;
        }
    }

    private static string Text(HttpContext context, int status) => status switch
    {
        StatusCodes.Status404NotFound => $"nothing is at {context.Request.Path}",
        StatusCodes.Status405MethodNotAllowed => $"{context.Request.Method} is not possible at {context.Request.Path}",
        StatusCodes.Status413PayloadTooLarge => $"the body is too long: at most {BodyLimit.MaximumBytes} bytes",
        StatusCodes.Status429TooManyRequests => "too many requests: wait as long as Retry-After says, then try again",
        StatusCodes.Status502BadGateway or StatusCodes.Status503ServiceUnavailable => $"{Service(context)} service is not reachable, try again",
        StatusCodes.Status504GatewayTimeout => $"{Service(context)} service did not answer in time, try again",
        StatusCodes.Status500InternalServerError => "the gateway failed, try again",
        _ => "the request was refused",
    };

    private static string Service(HttpContext context) => context.Features.Get<IReverseProxyFeature>()?.Route.Config.ClusterId ?? "the";
}
