using MediaNode.Core.Rtp;

namespace MediaNode.Core.Congestion;

/// <summary>
/// Where the path was full the last times: smoothed rate and deviation of what arrived at those moments
/// (draft-ietf-rmcat-gcc-02 section 5.5: average and variance of the incoming bitrate in the decrease state).
/// </summary>
internal sealed class LinkCapacity
{
    private const double Weight = 0.05;

    /// <summary>Deviations around the average that count as near it: the draft's three.</summary>
    private const double Deviations = 3;

    /// <summary>Normalised variance is kept between these, in kbit/s, so that the band is never a point and never everything.</summary>
    private const double LeastVariance = 0.4;
    private const double MostVariance = 2.5;

    private double _kilobits;
    private double _variance = LeastVariance;

    public bool IsKnown { get; private set; }

    public Bitrate Estimate => Bitrate.FromDouble(_kilobits * 1000);

    public bool IsAbove(Bitrate rate) => IsKnown && rate.BitsPerSecond / 1000.0 > _kilobits + Band;

    public bool IsBelow(Bitrate rate) => IsKnown && rate.BitsPerSecond / 1000.0 < _kilobits - Band;

    /// <summary>The path was full while this arrived.</summary>
    public void Add(Bitrate acknowledged)
    {
        var sample = acknowledged.BitsPerSecond / 1000.0;
        _kilobits = IsKnown ? (1 - Weight) * _kilobits + Weight * sample : sample;
        IsKnown = true;
        var error = _kilobits - sample;
        _variance = Math.Clamp((1 - Weight) * _variance + Weight * error * error / Math.Max(_kilobits, 1), LeastVariance, MostVariance);
    }

    public void Clear() => IsKnown = false;

    private double Band => Deviations * Math.Sqrt(_variance * _kilobits);
}
