using Microsoft.AspNetCore.Diagnostics;

namespace MeetingService.Wire;

/// <summary>Gives what the framework refuses (unknown routes, wrong methods, crashes) the API's own form of an error.</summary>
internal static class Refusals
{
    public static void UseRefusals(this IApplicationBuilder app)
    {
        app.UseExceptionHandler(failed => failed.Run(Explain));
        app.UseStatusCodePages(status => For(status.HttpContext.Response.StatusCode).ExecuteAsync(status.HttpContext));
    }

    /// <summary>The exception itself goes to the log (the middleware writes it), never to the caller.</summary>
    private static Task Explain(HttpContext context)
    {
        var exception = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        var problem = exception is BadHttpRequestException unreadable ? JsonBody.Unreadable(unreadable) : For(StatusCodes.Status500InternalServerError);
        return problem.ExecuteAsync(context);
    }

    private static Problem For(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => Problem.NoSession,
        StatusCodes.Status404NotFound => Problem.NotFound,
        StatusCodes.Status405MethodNotAllowed => Problem.Whole(status, "This method is not allowed here"),
        StatusCodes.Status500InternalServerError => Problem.Whole(status, "Internal error"),
        _ => Problem.Whole(status, "The request was refused"),
    };
}
