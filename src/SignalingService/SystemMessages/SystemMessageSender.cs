using MassTransit;
using ServiceDefaults;
using SignalingService.Contracts;

namespace SignalingService.SystemMessages;

/// <summary>Gives system messages to the broker, which gives them to every instance.</summary>
internal sealed partial class SystemMessageSender(IBusControl bus, TimeProvider time, ILogger<SystemMessageSender> logger)
{
    /// <summary>A caller who hears nothing rings again; better to tell them soon that it did not work.</summary>
    private static readonly TimeSpan ConfirmationTimeout = TimeSpan.FromSeconds(3);

    /// <returns>False when the broker did not confirm in time, or this instance does not hear it: then a confirmation says little.</returns>
    public async Task<bool> TrySendAsync(SessionIdentity sender, string id, SendRequest request)
    {
        if (bus.CheckHealth().Status != BusHealthStatus.Healthy)
            return false;
        using var deadline = new CancellationTokenSource(ConfirmationTimeout, time);
        try
        {
            await Task.WhenAll(request.To.Select(recipient => bus.Publish(
                new SystemMessage(id, sender.ApplicationId, sender.UserId, (long)recipient, request.Body, request.Extension, time.GetUtcNow()),
                deadline.Token))).WaitAsync(deadline.Token);
            return true;
        }
        catch (Exception problem) when (problem is OperationCanceledException or MassTransitException or RabbitMQ.Client.Exceptions.RabbitMQClientException)
        {
            LogNotSent(problem.Message);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A system message was not taken by the broker: {Problem}")]
    private partial void LogNotSent(string problem);
}
