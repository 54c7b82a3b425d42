using Microsoft.Extensions.Options;

namespace SignalingService.Connections;

/// <summary>The WebSocket of conference signalling, at <c>/janus</c> and <c>/</c>: clients use the address they are given, with whatever path.</summary>
internal static class JanusEndpoint
{
    public const string Protocol = "janus-protocol";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/janus", HandleAsync);
        routes.MapGet("/", HandleAsync);
    }

    private static async Task HandleAsync(
        HttpContext context,
        IOptions<ConnectionOptions> options,
        ConnectionCount count,
        CommandRunner runner,
        SignalingTelemetry telemetry,
        TimeProvider time,
        IHostApplicationLifetime lifetime)
    {
        if (!context.WebSockets.IsWebSocketRequest || !context.WebSockets.WebSocketRequestedProtocols.Contains(Protocol))
        {
            telemetry.Refused("protocol");
            await RefuseAsync(context, StatusCodes.Status400BadRequest, $"A WebSocket with the subprotocol '{Protocol}' is expected here.");
            return;
        }
        using var place = count.TryEnter(options.Value.Maximum);
        if (place is null)
        {
            telemetry.Refused("full");
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "This instance has as many connections as it takes.");
            return;
        }
        using var socket = await context.WebSockets.AcceptWebSocketAsync(Protocol);
        var connection = new JanusConnection(socket, options.Value, runner, telemetry, time);
        telemetry.Opened("janus");
        await connection.RunAsync(lifetime.ApplicationStopping);
        telemetry.Closed("janus", connection.Ending);
    }

    public static Task RefuseAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text);
    }
}
