using System.Net;
using MassTransit;
using MediaNode.Admission;
using MediaNode.Contracts;
using MediaNode.Transport;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Options;

namespace MediaNode.Control;

/// <summary>Tells the signalling instances every second that this node is there, where, and how loaded.</summary>
internal sealed class Heartbeats(
    IBus bus, WorkerPool workers, NodeState node, LoadMonitor load, IOptions<NodeOptions> options, IServer server, IHostApplicationLifetime lifetime, ILogger<Heartbeats> logger)
    : BackgroundService
{
    private string? _address;

    /// <summary>A broker that is away must not hold up the next heartbeat.</summary>
    private static readonly TimeSpan PublishTimeout = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource();
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        var address = _address = ControlAddress();
        logger.LogInformation("node {NodeId} takes commands at {Address}", node.NodeId, address);
        // Whoever looks for a node must not wait a second to learn that this one is not to be taken.
        await using var draining = node.Draining.Register(() => _ = PublishAsync(address, stoppingToken));
        using var timer = new PeriodicTimer(NodeHeartbeat.Interval);
        do
        {
            await PublishAsync(address, stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>The last heartbeat says that the node takes no more rooms, so that nobody waits for it to go stale.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (_address is not null)
            await PublishAsync(_address, CancellationToken.None);
    }

    private async Task PublishAsync(string address, CancellationToken stoppingToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        limit.CancelAfter(PublishTimeout);
        try
        {
            await bus.Publish(
                new NodeHeartbeat(
                    node.NodeId,
                    options.Value.Name,
                    address,
                    DateTimeOffset.UtcNow,
                    workers.RoomCount,
                    workers.PeerCount,
                    load.Use,
                    node.IsDraining),
                limit.Token);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
        {
            logger.LogWarning("no heartbeat: {Problem}", exception.Message);
        }
    }

    private string ControlAddress()
    {
        if (options.Value.ControlAddress.Length > 0)
            return options.Value.ControlAddress;
        var bound = ControlEndpoint.BoundAddress(server);
        var host = bound.Host is "0.0.0.0" or "[::]" ? Dns.GetHostName() : bound.Host;
        return $"http://{host}:{bound.Port}";
    }
}
