using Comparison.Servers;
using LoadGenerator.Measuring;

namespace Comparison;

/// <summary>Runs the load generator against a server, as a process of its own on core 1.</summary>
/// <param name="share">What the server gets of its core; null for all of it.</param>
internal sealed class Generator(ComparisonOptions options, CoreShare? share)
{
    private const int Core = 1;

    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "LoadGenerator.dll");

    /// <returns>The figures; null when the run did not come about at all, which overload can do to signalling too.</returns>
    public async Task<RunResult?> RunAsync(IServer server, Load load, CancellationToken cancellationToken)
    {
        // It may be another process than the last time.
        share?.Hold(server.ProcessId);
        var file = Path.GetTempFileName();
        Console.Error.Write($"{DateTime.UtcNow:HH:mm:ss} {server.Name}, {load}: ");
        try
        {
            await Shell.RunAsync(
                Path.Combine(options.Root, "bench", "prioritized"),
                [
                    "taskset", "-c", $"{Core}", "dotnet", Program, "--signalling", "janus", "--server-pid", $"{server.ProcessId}", "--json", file,
                    .. Shell.Words($"--warm-up {options.WarmUpSeconds} --duration {options.DurationSeconds} --join-patience 15"),
                    .. server.GeneratorArguments, .. load.Arguments,
                ],
                cancellationToken: cancellationToken);
            var result = RunResult.FromJson(await File.ReadAllTextAsync(file, cancellationToken));
            Console.Error.WriteLine(FormattableString.Invariant(
                $"{result.Delivery.PacketsOutPerSecond:F0} packets/s, {result.Server!.MicrosecondsPerPacket:F2} us, loss {result.Delivery.LossPercent:F3} %, p99 {result.Latency.P99:F1} ms{(result.Generator.Problem is { } problem ? "; " + problem : "")}"));
            return result;
        }
        catch (InvalidOperationException problem)
        {
            Console.Error.WriteLine($"failed: {problem.Message.TrimEnd().Split('\n')[^1]}");
            return null;
        }
        finally
        {
            File.Delete(file);
        }
    }
}
