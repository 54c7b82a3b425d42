namespace MediaNode.Admission;

/// <summary>What the node carried over the last second.</summary>
/// <param name="PacketsPerSecond">RTP packets sent.</param>
/// <param name="BitsPerSecond">Of RTP packets sent.</param>
/// <param name="Workers">Share of its time that each worker's thread worked, 0 to 1.</param>
internal sealed record NodeLoad(double PacketsPerSecond, double BitsPerSecond, IReadOnlyList<double> Workers)
{
    public static readonly NodeLoad Idle = new(0, 0, []);

    /// <summary>Where a new room would go.</summary>
    public double LeastWorker => Workers.Count == 0 ? 0 : Workers.Min();
}
