using System.Collections.Concurrent;
using System.Threading.Channels;
using MediaNode.Control.V1;
using MediaNode.Transport;
using Microsoft.Extensions.Options;

namespace MediaNode.Control;

/// <summary>Takes the workers' events to the Watch streams of the signalling instances they are for.</summary>
internal sealed class EventHub(WorkerPool workers, IOptions<NodeOptions> options, ILogger<EventHub> logger) : BackgroundService
{
    /// <summary>Events waiting for one instance. One that falls further behind loses its stream, and starts afresh with a new one.</summary>
    private const int MaximumBacklog = 10_000;

    private readonly ConcurrentDictionary<string, Channel<RoomEvent>> _watchers = new();

    /// <summary>Opens an instance's stream; an older one of the same instance ends.</summary>
    public ChannelReader<RoomEvent> Open(string instance)
    {
        var channel = Channel.CreateBounded<RoomEvent>(new BoundedChannelOptions(MaximumBacklog) { SingleReader = true });
        _watchers.AddOrUpdate(instance, channel, (_, older) =>
        {
            older.Writer.TryComplete();
            return channel;
        });
        return channel.Reader;
    }

    /// <summary>The stream ended. Unless the instance comes back in time, its participants without a connected peer are removed.</summary>
    public void Close(string instance, ChannelReader<RoomEvent> reader)
    {
        if (!_watchers.TryGetValue(instance, out var channel) || channel.Reader != reader)
            return;
        _watchers.TryRemove(new(instance, channel));
        _ = RemoveOrphansAsync(instance);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var roomEvent in workers.Events.ReadAllAsync(stoppingToken))
        {
            var message = ProtoMapping.ToProto(roomEvent);
            foreach (var instance in roomEvent.Instances)
            {
                if (_watchers.TryGetValue(instance, out var channel) && !channel.Writer.TryWrite(message))
                {
                    logger.LogWarning("instance {Instance} fell {Backlog} events behind; its stream ends", instance, MaximumBacklog);
                    channel.Writer.TryComplete();
                }
            }
        }
    }

    /// <summary>Looks again until the instance is back, or none of its participants is left: those with running media keep it.</summary>
    private async Task RemoveOrphansAsync(string instance)
    {
        var remaining = int.MaxValue;
        while (remaining > 0)
        {
            await Task.Delay(TimeSpan.FromSeconds(options.Value.OwnerLossSeconds));
            if (_watchers.ContainsKey(instance))
                return;
            remaining = await SweepAsync(instance);
        }
    }

    private async Task<int> SweepAsync(string instance)
    {
        var remaining = 0;
        foreach (var worker in workers.Workers)
        {
            try
            {
                var (removed, kept) = await worker.InvokeAsync((engine, now) => engine.RemoveOrphans(instance, now));
                remaining += kept;
                if (removed > 0)
                    logger.LogInformation("removed {Count} participants of instance {Instance}, which is gone", removed, instance);
            }
            catch (WorkerOverloadedException)
            {
                remaining++;
            }
        }
        return remaining;
    }
}
