using MassTransit;
using MediaNode.Contracts;

namespace SignalingService.Rooms;

/// <summary>On the instance's own queue: every instance needs every heartbeat.</summary>
internal sealed class NodeHeartbeatConsumer(NodeTable nodes) : IConsumer<NodeHeartbeat>
{
    public Task Consume(ConsumeContext<NodeHeartbeat> context)
    {
        nodes.Hear(context.Message);
        return Task.CompletedTask;
    }
}
