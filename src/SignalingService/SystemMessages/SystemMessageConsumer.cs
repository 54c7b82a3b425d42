using MassTransit;
using SignalingService.Connections;
using SignalingService.Contracts;

namespace SignalingService.SystemMessages;

/// <summary>Every instance gets every system message and gives it to those of the recipient's connections that it has.</summary>
internal sealed class SystemMessageConsumer(UserConnections users, RecentSystemMessages recent, SignalingTelemetry telemetry) : IConsumer<SystemMessage>
{
    public Task Consume(ConsumeContext<SystemMessage> context)
    {
        var message = context.Message;
        var connections = users.Of(message.ApplicationId, message.ToUserId);
        if (connections.Count == 0)
            return Task.CompletedTask;
        if (!recent.Ids.TryAdd((message.ApplicationId, message.FromUserId, message.ToUserId, message.Id)))
        {
            telemetry.SystemMessage("duplicate");
            return Task.CompletedTask;
        }
        var frame = new ServerReply("message")
        {
            Id = message.Id,
            From = message.FromUserId,
            Body = message.Body,
            Extension = message.Extension,
            SentAt = message.SentAt.ToUnixTimeSeconds(),
        }.ToUtf8();
        foreach (var connection in connections)
            connection.Deliver(frame);
        telemetry.SystemMessage("delivered");
        return Task.CompletedTask;
    }
}

/// <summary>What this instance has delivered of late.</summary>
internal sealed class RecentSystemMessages
{
    /// <summary>Messages; a redelivery comes within seconds. About 150 bytes each.</summary>
    private const int Capacity = 10_000;

    public RecentIds<(long ApplicationId, long From, long To, string Id)> Ids { get; } = new(Capacity);
}
