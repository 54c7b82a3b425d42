using MassTransit;

namespace MeetingService.Publication;

/// <summary>Publishes until the broker has confirmed: whoever calls goes on only then.</summary>
internal sealed class Outbox(IBus bus, TimeProvider time, ILogger<Outbox> logger)
{
    private static readonly TimeSpan PauseBetweenAttempts = TimeSpan.FromSeconds(1);

    /// <summary>After this long without the broker's confirmation, say so and try again.</summary>
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(10);

    public async Task PublishAsync(object message, Guid eventId, CancellationToken cancellationToken)
    {
        while (!await TryPublishAsync(message, eventId, cancellationToken))
            await Task.Delay(PauseBetweenAttempts, time, cancellationToken);
    }

    private async Task<bool> TryPublishAsync(object message, Guid eventId, CancellationToken cancellationToken)
    {
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        attempt.CancelAfter(AttemptTimeout);
        try
        {
            await bus.Publish(message, context => context.MessageId = eventId, attempt.Token);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever the reason, giving up would lose the message; the mark of published events stays where it is.
            logger.LogWarning(exception, "The bus did not take event {EventId}; trying again", eventId);
            return false;
        }
    }
}
