using System.Diagnostics.Metrics;
using System.Globalization;
using MediaNode.Core.Forwarding;
using MediaNode.Core.Time;
using MediaNode.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace MediaNode.IntegrationTests.Fixtures;

/// <summary>A whole media node with one worker, asked directly instead of by gRPC.</summary>
internal sealed class RunningNode : IAsyncDisposable
{
    public const string RoomId = "5fb1d8a9c2e4f6a7b8c9d0e1";

    private readonly WebApplication _app;
    private readonly WorkerPool _workers;

    private RunningNode(WebApplication app)
    {
        _app = app;
        _workers = app.Services.GetRequiredService<WorkerPool>();
    }

    public WorkerPool Workers => _workers;

    /// <summary>Makes the meters of this node, and of no other in this process.</summary>
    public IMeterFactory Meters => _app.Services.GetRequiredService<IMeterFactory>();

    public Worker Worker => _workers.Workers[0];

    /// <param name="settings">Such as "Node:Tcp=false".</param>
    public static async Task<RunningNode> StartAsync(params string[] settings)
    {
        string[] arguments = ["--urls=http://127.0.0.1:0", "--Node:Heartbeats=false", "--Logging:LogLevel:Default=Warning", .. settings.Select(setting => $"--{setting}")];
        var app = MediaNodeHost.Build(arguments);
        await app.StartAsync();
        return new(app);
    }

    public async Task JoinAsync(ulong user) =>
        await InvokeAsync((engine, now) => engine.Join(RoomId, 1, user, user.ToString(CultureInfo.InvariantCulture), "test", new(0, 0), now));

    public async Task<T> InvokeAsync<T>(Func<MediaEngine, Instant, CommandResult<T>> command)
    {
        var result = await Worker.InvokeAsync(command);
        Assert.Null(result.Failure);
        return result.Value!;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
