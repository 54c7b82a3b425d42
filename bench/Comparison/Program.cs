using System.Runtime.InteropServices;
using Comparison;
using Comparison.Servers;

if (args.Contains("--help"))
{
    Console.WriteLine(ComparisonOptions.Help);
    return 0;
}
try
{
    var options = ComparisonOptions.Parse(args, Repository.Root);
    await using var janus = await JanusServer.StartAsync(options.Root);
    await using var platform = await PlatformServer.StartAsync(options.Root);
    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, StopServers);
    using var termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, StopServers);
    var report = await new Measurements(options, platform, janus).RunAsync();
    Console.WriteLine(report);
    if (options.Output is { } file)
        await File.WriteAllTextAsync(file, report);
    return 0;

    // The servers are sessions of their own, which would outlive this process.
    void StopServers(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _ = Task.Run(async () =>
        {
            await janus.DisposeAsync();
            await platform.DisposeAsync();
            Environment.Exit(130);
        });
    }
}
catch (Exception problem) when (problem is ArgumentException or InvalidOperationException or IOException)
{
    Console.Error.WriteLine(problem.Message);
    return 1;
}
