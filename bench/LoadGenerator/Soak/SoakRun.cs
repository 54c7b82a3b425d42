using System.Globalization;
using LoadGenerator.Peers;
using LoadGenerator.Signalling.Node;

namespace LoadGenerator.Soak;

/// <summary>
/// People who come and go for a long time; then the server must hold what it held before. The first minute of it is for what is made once and kept
/// (compiled code, pools): the comparison is between the idle server after that minute and the idle server at the end. Single readings of memory swing by up to 20 MB, idle
/// or not, so of memory the least of each quarter counts: the first one's with the idle moment before it, and the last one's with that behind it.
/// </summary>
internal sealed class SoakRun(RunOptions options, TextWriter progress) : IAsyncDisposable
{
    private static readonly TimeSpan FirstRound = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(30);

    /// <summary>Rooms and peers go at once; connections of the control channel and pool threads go after some seconds of idleness.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(30);

    /// <summary>Past all timeouts of peers and rooms: what is there then stays.</summary>
    private static readonly TimeSpan EmptyPatience = TimeSpan.FromMinutes(3);

    /// <summary>
    /// More of each than before means a leak. A kilobyte lost per participant would be ten times as much memory after twenty minutes; threads of the pool come and go with the load.
    /// </summary>
    private const long MemoryTolerance = 12_000_000;
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
        await progress.WriteLineAsync($"idle after the first minute: {before}");
        var memory = await ChurnAsync(options.Soak, process);
        var after = await IdleAsync(process);
        var quarter = (memory.Count + 3) / 4;
        var least = (First: memory.Take(quarter).Append(before.ResidentBytes).Min(), Last: memory.TakeLast(quarter).Append(after.ResidentBytes).Min());
        Console.WriteLine($"before  {before}");
        Console.WriteLine($"after   {after}, {_joins} joined and left in {_rooms} rooms, {_failures} calls failed");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"least memory in the first quarter {least.First / 1e6:F1} MB, in the last {least.Last / 1e6:F1} MB"));
        return _failures == 0
            && least.Last - least.First <= MemoryTolerance
            && after.Descriptors - before.Descriptors <= DescriptorTolerance
            && after.Threads - before.Threads <= ThreadTolerance;
    }

    public async ValueTask DisposeAsync()
    {
        if (_signalling is not null)
            await _signalling.DisposeAsync();
        _context.Dispose();
    }

    /// <returns>Resident bytes, as reported on the way.</returns>
    private async Task<List<long>> ChurnAsync(TimeSpan duration, int process)
    {
        var memory = new List<long>();
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
            var usage = ProcessUsage.Read(process);
            memory.Add(usage.ResidentBytes);
            await progress.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{Math.Max(0, (end - DateTime.UtcNow).TotalSeconds):F0} s left: {_joins} joined, {shows.Count} rooms now, {_failures} calls failed, server {usage}"));
        }
        await Task.WhenAll(shows);
        return memory;
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
    private async Task<ProcessUsage> IdleAsync(int process)
    {
        await _signalling!.UntilEmptyAsync(EmptyPatience);
        await Task.Delay(Settling);
        return ProcessUsage.Read(process);
    }
}
