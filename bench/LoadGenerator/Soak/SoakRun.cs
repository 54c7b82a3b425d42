using System.Globalization;
using LoadGenerator.Peers;
using LoadGenerator.Signalling.Node;

namespace LoadGenerator.Soak;

/// <summary>
/// People who come and go for a long time; then the server must hold what it held before. What is made once and kept (compiled code, pools, each thread's share of the native heap)
/// comes with the first: the idle server after <see cref="FirstRound"/> is compared with the idle server at the end, both right after a full collection.
/// </summary>
internal sealed class SoakRun(RunOptions options, TextWriter progress) : IAsyncDisposable
{
    private static readonly TimeSpan FirstRound = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(30);

    /// <summary>Rooms and peers go at once; connections of the control channel and pool threads go after some seconds of idleness.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(30);

    /// <summary>Past all timeouts of peers and rooms: what is there then stays.</summary>
    private static readonly TimeSpan EmptyPatience = TimeSpan.FromMinutes(3);

    // More of each than before means a leak. Twenty minutes at five joins a second are 6,000 people: 200 bytes kept of each would be too many on the heap, a kilobyte outside of it. Threads of the pool come and go.
    private const long LiveTolerance = 1_000_000;
    private const long NativeTolerance = 6_000_000;
    private const int HandleTolerance = 100;
    private const int TimerTolerance = 4;
    private const int DescriptorTolerance = 4;
    private const int ThreadTolerance = 4;

    private readonly PeerContext _context = new(options);
    private readonly PublisherDirectory _publishers = new();
    private readonly Random _random = new(1);
    private NodeSignalling? _signalling;
    private int _rooms;
    private int _joins;
    private int _failures;

    /// <returns>Whether the server holds what it held before, and nobody's call failed.</returns>
    public async Task<bool> RunAsync()
    {
        var process = options.ServerProcesses.Count == 1 ? options.ServerProcesses[0] : throw new InvalidOperationException("--soak needs --server-pid with one process");
        _signalling = await NodeSignalling.ConnectAsync(options.Server);
        await ChurnAsync(FirstRound, process);
        var before = await IdleAsync(process);
        await progress.WriteLineAsync($"idle after the first round: {Describe(before)}");
        await ChurnAsync(options.Soak, process);
        var after = await IdleAsync(process);
        Console.WriteLine($"before  {Describe(before)}");
        Console.WriteLine($"after   {Describe(after)}; {_joins} joined and left in {_rooms} rooms, {_failures} calls failed");
        return _failures == 0
            && after.Managed.LiveBytes - before.Managed.LiveBytes <= LiveTolerance
            && after.Managed.Handles - before.Managed.Handles <= HandleTolerance
            && after.Managed.Timers - before.Managed.Timers <= TimerTolerance
            && after.Process.NativeBytes - before.Process.NativeBytes <= NativeTolerance
            && after.Process.Descriptors - before.Process.Descriptors <= DescriptorTolerance
            && after.Process.Threads - before.Process.Threads <= ThreadTolerance;
    }

    public async ValueTask DisposeAsync()
    {
        if (_signalling is not null)
            await _signalling.DisposeAsync();
        _context.Dispose();
    }

    private static string Describe((ManagedUsage Managed, ProcessUsage Process) usage) => $"{usage.Managed}; {usage.Process}";

    private async Task ChurnAsync(TimeSpan duration, int process)
    {
        var pace = TimeSpan.FromSeconds(1 / options.JoinRate);
        using var openings = new PeriodicTimer(pace * options.People);
        var shows = new List<Task>();
        var end = DateTime.UtcNow + duration;
        var report = DateTime.UtcNow + ReportInterval;
        while (DateTime.UtcNow < end)
        {
            await openings.WaitForNextTickAsync();
            shows.RemoveAll(show => show.IsCompleted);
            shows.Add(PlayAsync(pace));
            if (DateTime.UtcNow < report)
                continue;
            report += ReportInterval;
            await progress.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{Math.Max(0, (end - DateTime.UtcNow).TotalSeconds):F0} s left: {_joins} joined, {shows.Count} rooms now, {_failures} calls failed, server {ProcessUsage.Read(process)}"));
        }
        await Task.WhenAll(shows);
    }

    private async Task PlayAsync(TimeSpan pace)
    {
        var show = new Show(_context, _signalling!, _publishers, _rooms++, _random);
        try
        {
            await show.RunAsync(pace, options.Stay);
        }
        catch (Exception problem)
        {
            _failures++;
            await progress.WriteLineAsync($"a call failed: {problem.Message}");
        }
        Interlocked.Add(ref _joins, show.Joined);
    }

    /// <summary>Nobody is there, no timer of anybody's runs, and time has passed.</summary>
    private async Task<(ManagedUsage Managed, ProcessUsage Process)> IdleAsync(int process)
    {
        await _signalling!.UntilEmptyAsync(EmptyPatience);
        await Task.Delay(Settling);
        var managed = await ManagedUsage.CollectAsync(process);
        return (managed, ProcessUsage.Read(process));
    }
}
