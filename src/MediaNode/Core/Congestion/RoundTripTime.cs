namespace MediaNode.Core.Congestion;

/// <summary>Smoothed round-trip time to one receiver, from its reports and its transport-wide feedback.</summary>
internal struct RoundTripTime
{
    /// <summary>Until something is known: between a neighbour's and a continent's.</summary>
    private static readonly TimeSpan Initial = TimeSpan.FromMilliseconds(100);

    /// <summary>A peer may claim anything; beyond this no call is possible.</summary>
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(5);

    private const double Weight = 0.125;

    private double _milliseconds;

    public readonly TimeSpan Value => _milliseconds > 0 ? TimeSpan.FromMilliseconds(_milliseconds) : Initial;

    public void Add(TimeSpan sample)
    {
        var milliseconds = Math.Clamp(sample.TotalMilliseconds, 0.1, Most.TotalMilliseconds);
        _milliseconds += (milliseconds - _milliseconds) * (_milliseconds > 0 ? Weight : 1);
    }
}
