using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.IntegrationTests;

/// <summary>A small service on a free port: healthy, echoes WebSocket texts, and answers every other request with what it got.</summary>
internal sealed class BackEnd : IAsyncDisposable
{
    private readonly WebApplication _app;
    private volatile bool _healthy = true;

    private BackEnd(WebApplication app) => _app = app;

    public string Name { get; private init; } = "";

    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    /// <summary>Method and raw target of each request, health checks left out.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public ConcurrentQueue<string> TraceParents { get; } = new();

    public int HealthChecks;

    public static async Task<BackEnd> StartAsync(string name)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var backEnd = new BackEnd(app) { Name = name };
        app.UseWebSockets();
        app.Run(backEnd.Answer);
        await app.StartAsync();
        return backEnd;
    }

    public void BecomeUnhealthy() => _healthy = false;

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private async Task Answer(HttpContext context)
    {
        if (context.Request.Path == "/health")
        {
            Interlocked.Increment(ref HealthChecks);
            context.Response.StatusCode = _healthy ? 200 : 503;
            return;
        }

        Requests.Enqueue($"{context.Request.Method} {context.Features.Get<IHttpRequestFeature>()!.RawTarget}");
        TraceParents.Enqueue(context.Request.Headers.TraceParent.ToString());
        if (context.WebSockets.IsWebSocketRequest)
            await Echo(context);
        else if (context.Request.Path == "/meetings/never-answered")
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        else if (context.Request.Path == "/meetings/own-error")
            await WriteError(context);
        else
            await context.Response.WriteAsJsonAsync(new { name = Name, body = await new StreamReader(context.Request.Body).ReadToEndAsync() });
    }

    private static Task WriteError(HttpContext context)
    {
        context.Response.StatusCode = 422;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync("""{"errors":{"name":["is too long"]}}""");
    }

    private async Task Echo(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync(context.WebSockets.WebSocketRequestedProtocols.FirstOrDefault());
        var buffer = new byte[1024];
        try
        {
            for (var received = await socket.ReceiveAsync(buffer, context.RequestAborted);
                received.MessageType == WebSocketMessageType.Text;
                received = await socket.ReceiveAsync(buffer, context.RequestAborted))
            {
                await socket.SendAsync(
                    new[] { System.Text.Encoding.UTF8.GetBytes($"{Name}:"), buffer[..received.Count] }.SelectMany(part => part).ToArray(),
                    WebSocketMessageType.Text, true, context.RequestAborted);
            }

            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The peer is gone, or this service is being stopped in the middle of a connection: both are what tests do.
        }
    }
}
