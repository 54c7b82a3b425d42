namespace MediaNode.Transport;

/// <summary>
/// Looks every second whether each worker's thread still turns. One that hangs would leave its rooms without media while the process answers and counts as
/// healthy, so it ends like one that fails: the rooms are assigned anew, elsewhere.
/// </summary>
/// <param name="workers">All of them.</param>
/// <param name="interval">Between two looks.</param>
/// <param name="fail">Ends the process; told which worker hangs.</param>
internal sealed class StallWatch(IReadOnlyList<Worker> workers, TimeSpan interval, Action<string> fail) : BackgroundService
{
    /// <summary>Looks without a turn in between. Looks are counted, not time: a process that was stopped by a debugger has missed both.</summary>
    public const int Patience = 10;

    private readonly Watched[] _watched = [.. workers.Select(worker => new Watched(worker))];

    public static StallWatch Create(WorkerPool pool, ILogger<StallWatch> logger) => new(pool.Workers, TimeSpan.FromSeconds(1), name =>
    {
        logger.LogCritical("{Worker} hangs; the node stops so that its rooms are assigned anew", name);
        Environment.FailFast("media worker hangs");
    });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var watched in _watched)
                {
                    if (watched.Look() == Patience)
                        fail(watched.Name);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }

    private sealed class Watched(Worker worker)
    {
        private long _turns = -1;
        private int _looksInVain;

        public string Name => worker.Name;

        /// <returns>How many looks in a row found that it had not turned.</returns>
        public int Look()
        {
            var turns = worker.Turns;
            _looksInVain = turns == _turns ? _looksInVain + 1 : 0;
            _turns = turns;
            return _looksInVain;
        }
    }
}
