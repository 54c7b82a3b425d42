using System.Numerics;

namespace LoadGenerator.Measuring;

/// <summary>
/// Counts durations in fixed buckets whose width grows with the value: 64 per power of two of microseconds, so a percentile is exact to 1.6 %.
/// Recording allocates nothing.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int SubBucketBits = 6;
    private const int SubBuckets = 1 << SubBucketBits;

    /// <summary>2^31 microseconds are over half an hour; longer ones count as that.</summary>
    private const int LargestBits = 31;

    private readonly long[] _counts = new long[(LargestBits - SubBucketBits + 1) * SubBuckets];

    public long Count { get; private set; }

    public TimeSpan Maximum { get; private set; }

    public void Record(TimeSpan value)
    {
        var microseconds = Math.Clamp(value.Ticks / TimeSpan.TicksPerMicrosecond, 0, (1L << LargestBits) - 1);
        _counts[IndexOf(microseconds)]++;
        Count++;
        if (value > Maximum)
            Maximum = value;
    }

    /// <summary>The value that this share of all does not exceed; rounded up to its bucket's end, but never above the maximum. Zero when there is none.</summary>
    /// <param name="share">0 to 1, such as 0.99.</param>
    public TimeSpan Percentile(double share)
    {
        var wanted = Math.Max(1, (long)Math.Ceiling(share * Count));
        var seen = 0L;
        for (var index = 0; index < _counts.Length && Count > 0; index++)
        {
            seen += _counts[index];
            if (seen >= wanted)
                return TimeSpan.FromMicroseconds(Math.Min(UpperEnd(index), Math.Ceiling(Maximum.TotalMicroseconds)));
        }
        return TimeSpan.Zero;
    }

    public void Clear()
    {
        Array.Clear(_counts);
        Count = 0;
        Maximum = TimeSpan.Zero;
    }

    private static int IndexOf(long microseconds)
    {
        if (microseconds < SubBuckets)
            return (int)microseconds;
        var shift = 63 - BitOperations.LeadingZeroCount((ulong)microseconds) - SubBucketBits;
        // The highest bit is the power; the six below it are the place within it.
        return ((shift + 1) << SubBucketBits) + (int)(microseconds >> shift) - SubBuckets;
    }

    private static long UpperEnd(int index)
    {
        if (index < SubBuckets)
            return index;
        var shift = (index >> SubBucketBits) - 1;
        var within = (index & (SubBuckets - 1)) + SubBuckets;
        return ((long)(within + 1) << shift) - 1;
    }
}
