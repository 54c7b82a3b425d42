namespace MediaNode.Core.Congestion;

/// <summary>Smoothed round-trip time to one client.</summary>
internal struct RoundTripTime
{
    /// <summary>Until something is known: between a neighbour's and a continent's.</summary>
    private static readonly TimeSpan Initial = TimeSpan.FromMilliseconds(100);

    /// <summary>A peer may claim anything; beyond this no call is possible.</summary>
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(5);

    /// <summary>Samples that the value is made of, in effect: the plain mean before there are so many, since the first may have waited for a handshake.</summary>
    private const int Memory = 8;

    private double _milliseconds;
    private int _samples;

    public readonly bool IsKnown => _samples > 0;

    public readonly TimeSpan Value => IsKnown ? TimeSpan.FromMilliseconds(_milliseconds) : Initial;

    public void Add(TimeSpan sample)
    {
        var milliseconds = Math.Clamp(sample.TotalMilliseconds, 0.1, Most.TotalMilliseconds);
        _samples = Math.Min(_samples + 1, Memory);
        _milliseconds += (milliseconds - _milliseconds) / _samples;
    }
}
