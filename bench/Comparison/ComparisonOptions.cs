using System.Globalization;

namespace Comparison;

/// <summary>How thorough the comparison is, and where things are.</summary>
internal sealed record ComparisonOptions
{
    public const string Help = """
        Compares this platform with Janus on this machine: media node or Janus on core 0, the load generator and everything else on core 1.

          --quick              short runs, one per figure, coarse search: a few minutes
          --repeat N           runs per figure, of which the median is taken (3)
          --duration S         of one measurement (10)
          --skip-largest       no search for the largest loads, and nothing that follows from it
          --only TEXT          only the rows whose name contains it, such as "largest" or "audio"
          --share PART         of core 0 for each server, such as 0.5: the generator reaches the end of any server then (needs root)
          --output FILE        the table as Markdown (standard output otherwise)
        """;

    public int Repeat { get; init; } = 3;

    public int DurationSeconds { get; init; } = 10;

    public int WarmUpSeconds { get; init; } = 3;

    /// <summary>The search for the largest load ends when it is known to this part of itself.</summary>
    public double Precision { get; init; } = 0.05;

    public bool SkipLargest { get; init; }

    public string Only { get; init; } = "";

    /// <summary>Of a core, for the server under measurement; null for all of it.</summary>
    public double? Share { get; init; }

    public string? Output { get; init; }

    /// <summary>Folder of Platform.sln.</summary>
    public required string Root { get; init; }

    public static ComparisonOptions Parse(string[] arguments, string root)
    {
        var options = new ComparisonOptions { Root = root };
        for (var i = 0; i < arguments.Length; i++)
        {
            var name = arguments[i];
            string Value() => ++i < arguments.Length ? arguments[i] : throw new ArgumentException($"{name} needs a value");
            options = name switch
            {
                "--quick" => options with { Repeat = 1, DurationSeconds = 4, WarmUpSeconds = 2, Precision = 0.15 },
                "--repeat" => options with { Repeat = Whole(name, Value()) },
                "--duration" => options with { DurationSeconds = Whole(name, Value()) },
                "--skip-largest" => options with { SkipLargest = true },
                "--only" => options with { Only = Value() },
                "--share" => options with { Share = Part(name, Value()) },
                "--output" => options with { Output = Value() },
                _ => throw new ArgumentException($"unknown option {name}; --help lists them"),
            };
        }
        return options;
    }

    private static double Part(string name, string value) =>
        double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number is >= 0.01 and < 1
            ? number
            : throw new ArgumentException($"{name}: a number from 0.01 to below 1 expected, not \"{value}\"");

    private static int Whole(string name, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new ArgumentException($"{name}: a whole number above 0 expected, not \"{value}\"");
}
