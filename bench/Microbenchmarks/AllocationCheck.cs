using System.Globalization;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Microbenchmarks;

/// <summary>
/// Runs every benchmark shortly and compares the bytes that one operation allocates with expected-allocations.txt. Times differ from machine to
/// machine; allocations do not, so this can fail a build.
/// </summary>
internal static class AllocationCheck
{
    /// <summary>Enough for a buffer that grows at first not to count.</summary>
    private const int Invocations = 16 * 1024;

    private static readonly string ExpectationsFile = Path.Combine(AppContext.BaseDirectory, "expected-allocations.txt");

    /// <returns>0 when nothing allocates more than expected and everything is expected.</returns>
    public static int Run()
    {
        var expected = ReadExpectations();
        var problems = new List<string>();
        var measured = Measure().ToList();
        foreach (var (name, bytes) in measured)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bytes,8} B  {name}"));
            if (!expected.Remove(name, out var allowed))
                problems.Add($"{name} is not in expected-allocations.txt");
            else if (bytes is null || bytes > allowed)
                problems.Add($"{name} allocates {bytes?.ToString(CultureInfo.InvariantCulture) ?? "?"} bytes per operation, {allowed} are expected");
        }
        problems.AddRange(expected.Keys.Select(name => $"{name} is expected, but there is no such benchmark"));
        foreach (var problem in problems)
            Console.Error.WriteLine(problem);
        Console.WriteLine(problems.Count == 0 ? $"{measured.Count} benchmarks allocate what they may" : $"{problems.Count} problems");
        return problems.Count == 0 ? 0 : 1;
    }

    /// <summary>Lines of "bytes name"; # begins a comment.</summary>
    private static Dictionary<string, long> ReadExpectations() => File.ReadLines(ExpectationsFile)
        .Where(line => line.Length > 0 && line[0] != '#')
        .Select(line => line.Split(' ', 2))
        .ToDictionary(parts => parts[1], parts => long.Parse(parts[0], CultureInfo.InvariantCulture));

    private static IEnumerable<(string Name, long? Bytes)> Measure()
    {
        var config = ManualConfig.CreateEmpty()
            .AddJob(Job.Dry
                .WithToolchain(InProcessEmitToolchain.Instance)
                .WithStrategy(RunStrategy.Monitoring)
                .WithWarmupCount(2)
                .WithIterationCount(3)
                .WithInvocationCount(Invocations)
                .WithUnrollFactor(1))
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddLogger(NullLogger.Instance)
            .WithOptions(ConfigOptions.DisableLogFile);
        return BenchmarkRunner.Run(typeof(AllocationCheck).Assembly, config).SelectMany(summary => summary.Reports).Select(Read);
    }

    private static (string Name, long? Bytes) Read(BenchmarkReport report)
    {
        var benchmark = report.BenchmarkCase;
        var parameters = benchmark.Parameters.Items.Count == 0 ? "" : $"({string.Join(", ", benchmark.Parameters.Items.Select(item => item.Value))})";
        return ($"{benchmark.Descriptor.Type.Name}.{benchmark.Descriptor.WorkloadMethod.Name}{parameters}", report.GcStats.GetBytesAllocatedPerOperation(benchmark));
    }
}
