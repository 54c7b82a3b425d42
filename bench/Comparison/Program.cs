using System.Runtime.InteropServices;
using Comparison;
using Comparison.Servers;

if (args.Contains("--help"))
{
    Console.WriteLine(ComparisonOptions.Help);
    return 0;
}
// The servers are sessions of their own, which would outlive this process if it ended at once.
using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    var options = ComparisonOptions.Parse(args, Repository.Root);
    using var share = options.Share is { } part ? new CoreShare(part) : null;
    await using var janus = await JanusServer.StartAsync(options.Root);
    await using var platform = await PlatformServer.StartAsync(options.Root);
    var measurements = new Measurements(options, new(options, share), platform, janus);
    try
    {
        await measurements.RunAsync(stop.Token);
    }
    catch (OperationCanceledException)
    {
        Console.Error.WriteLine("interrupted; the table has what was measured before");
    }
    Console.WriteLine(measurements.Table);
    if (options.Output is { } file)
        await File.WriteAllTextAsync(file, measurements.Table);
    return stop.IsCancellationRequested ? 130 : 0;
}
catch (OperationCanceledException)
{
    return 130;
}
catch (Exception problem) when (problem is ArgumentException or InvalidOperationException or IOException)
{
    Console.Error.WriteLine(problem.Message);
    return 1;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
