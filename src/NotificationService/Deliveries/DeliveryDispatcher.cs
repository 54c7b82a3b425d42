using NotificationService.Mail;
using Npgsql;

namespace NotificationService.Deliveries;

/// <summary>Sends whatever mails are due, a few at a time, until none is; then waits for more.</summary>
internal sealed partial class DeliveryDispatcher(
    SendNextMail sendNext, IMailTransport transport, DeliverySignal signal, ILogger<DeliveryDispatcher> log) : BackgroundService
{
    /// <summary>Mails in sending at a time per instance: as many connections to the mail server, and to the database.</summary>
    private const int Senders = 8;

    /// <summary>How soon mails are seen that no signal told of: deferred ones, and those of an instance that died.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        LogTransport(transport.Description);
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            failures = await DrainAsync(stoppingToken) ? 0 : failures + 1;
            if (failures > 0)
                await Task.Delay(Backoff.OfTransport.After(failures - 1), stoppingToken);
            else
                await signal.WaitAsync(LookInterval, stoppingToken);
        }
    }

    /// <returns>False when the transport or the database is away.</returns>
    private async Task<bool> DrainAsync(CancellationToken cancellationToken)
    {
        try
        {
            // One looks first, so that an idle instance asks the database one question a second, not one for each sender.
            await using var scout = transport.OpenSession();
            if (await sendNext.HandleAsync(scout, cancellationToken) is var first && first is not SendStep.Done)
                return first is SendStep.NothingDue;
            var ends = await Task.WhenAll(Enumerable.Range(0, Senders).Select(_ => RunSenderAsync(cancellationToken)));
            return !ends.Contains(SendStep.TransportUnavailable);
        }
        catch (Exception problem) when (problem is NpgsqlException or IOException or UnauthorizedAccessException)
        {
            LogTrouble(problem);
            return false;
        }
    }

    private async Task<SendStep> RunSenderAsync(CancellationToken cancellationToken)
    {
        await using var session = transport.OpenSession();
        SendStep step;
        do
            step = await sendNext.HandleAsync(session, cancellationToken);
        while (step is SendStep.Done);
        return step;
    }

    [LoggerMessage(LogLevel.Information, "Mails leave by {Transport}")]
    private partial void LogTransport(string transport);

    [LoggerMessage(LogLevel.Warning, "Mails cannot be sent at the moment")]
    private partial void LogTrouble(Exception problem);
}
