using System.Globalization;

namespace LoadGenerator.Measuring;

/// <summary>Whether the generator kept up, so that what is missing or late can be the server's doing.</summary>
internal static class GeneratorHealth
{
    /// <summary>Milliseconds. A generator that is later than this adds to the latencies that it measures.</summary>
    private const double LatenessLimit = 5;

    /// <summary>Percent of a core; above, it is only luck when nothing is late.</summary>
    private const double ProcessorLimit = 97;

    public static string? Judge(double processorPercent, double latenessP99, long socketDrops, long sendsRefused)
    {
        var problems = new List<string>();
        if (latenessP99 > LatenessLimit)
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"its loop is late (p99 {latenessP99:F1} ms)"));
        if (socketDrops > 0)
            problems.Add($"its receive buffers overflowed ({socketDrops} datagrams)");
        if (sendsRefused > 0)
            problems.Add($"the kernel refused {sendsRefused} of its datagrams");
        if (processorPercent > ProcessorLimit)
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"it uses {processorPercent:F0} % of a core"));
        return problems.Count == 0 ? null : "the generator is the bottleneck: " + string.Join("; ", problems);
    }
}
