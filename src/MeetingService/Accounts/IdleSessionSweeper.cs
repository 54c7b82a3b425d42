using Marten;

namespace MeetingService.Accounts;

/// <summary>Ends sessions that nobody has used for their idle time. Every replica may run it: ending a session twice is noticed.</summary>
internal sealed class IdleSessionSweeper(IDocumentStore store, TimeProvider time, ILogger<IdleSessionSweeper> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    /// <summary>Sessions per query; a longer backlog takes several.</summary>
    private const int BatchSize = 200;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await SweepAsync(stoppingToken) == BatchSize)
                {
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                logger.LogWarning(exception, "Idle sessions could not be ended; trying again in {Period}", Period);
            }
        }
    }

    private async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var documents = store.QuerySession();
        var idle = await documents.Query<Session>().Where(session => session.ExpiresAt <= now).OrderBy(session => session.ExpiresAt).Take(BatchSize).ToListAsync(cancellationToken);
        foreach (var session in idle)
            await EndSession.EndAsync(store, session, cancellationToken);
        return idle.Count;
    }
}
