using System.Globalization;
using System.Security.Cryptography;

namespace MediaNode.Core.Fuzz;

/// <summary>What <c>./platform fuzz</c> runs: every target, or the one of FUZZ_TARGET, for its share of FUZZ_MINUTES. Failing inputs go to FUZZ_OUTPUT.</summary>
public sealed class LongRunTests
{
    private const double UsualMinutes = 5;

    /// <summary>A target's share is cut into so many, so that progress shows.</summary>
    private const int Parts = 4;

    [Fact(Explicit = true)]
    public void All_targets_survive_a_long_run()
    {
        var minutes = double.TryParse(Environment.GetEnvironmentVariable("FUZZ_MINUTES"), NumberStyles.Float, CultureInfo.InvariantCulture, out var wished) ? wished : UsualMinutes;
        var seed = Random.Shared.Next();
        var single = Environment.GetEnvironmentVariable("FUZZ_TARGET");
        var targets = string.IsNullOrEmpty(single) ? FuzzRun.TargetNames : [single];
        Assert.All(targets, name => Assert.Contains(name, FuzzRun.TargetNames));
        var part = TimeSpan.FromMinutes(minutes) / targets.Count / Parts;
        var failures = new List<string>();
        foreach (var name in targets)
        {
            var run = new FuzzRun(name, seed);
            for (var i = 0; i < Parts; i++)
            {
                var failure = run.Run(part);
                Console.WriteLine($"{name}: {run.Executions} executions, {run.NewInputs} new inputs");
                if (failure is not { } failed)
                    continue;
                failures.Add($"{name} failed: {failed.Failure.Message}\n{Write(name, failed.Input)}");
                Console.WriteLine(failures[^1]);
                break;
            }
        }
        Assert.Empty(failures);
    }

    private static string Write(string name, byte[] input)
    {
        var folder = Environment.GetEnvironmentVariable("FUZZ_OUTPUT") ?? Path.Combine(AppContext.BaseDirectory, "Failures");
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, $"{name}-{Convert.ToHexStringLower(SHA256.HashData(input))[..12]}.bin");
        File.WriteAllBytes(file, input);
        return $"Input: {file}\nReplay, and keep as a test: cp {file} tests/MediaNode.Core.Fuzz/Corpus/{name}/ && ./platform test MediaNode.Core.Fuzz";
    }
}
