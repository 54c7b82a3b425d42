using Microsoft.Extensions.Options;
using ServiceDefaults;
using SignalingService.Connections;

namespace SignalingService.SystemMessages;

/// <summary>The WebSocket of system messages, at <c>/system-messages</c>.</summary>
internal static class SystemMessageEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/system-messages", HandleAsync);

    private static async Task HandleAsync(
        HttpContext context,
        IOptions<SystemMessageOptions> options,
        IOptions<ConnectionOptions> connections,
        ConnectionCount count,
        SessionTokenValidator tokens,
        UserConnections users,
        SystemMessageSender sender,
        SignalingTelemetry telemetry,
        TimeProvider time,
        IHostApplicationLifetime lifetime)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            telemetry.Refused("protocol");
            await JanusEndpoint.RefuseAsync(context, StatusCodes.Status400BadRequest, "A WebSocket is expected here.");
            return;
        }
        using var place = count.TryEnter(connections.Value.Maximum);
        if (place is null)
        {
            telemetry.Refused("full");
            await JanusEndpoint.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "This instance has as many connections as it takes.");
            return;
        }
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var connection = new SystemMessageConnection(socket, options.Value, tokens, users, sender, telemetry, time);
        telemetry.Opened("system-messages");
        await connection.RunAsync(lifetime.ApplicationStopping);
        telemetry.Closed("system-messages", connection.Ending);
    }
}
