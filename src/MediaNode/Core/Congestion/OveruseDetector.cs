namespace MediaNode.Core.Congestion;

/// <summary>What the delay says about the path.</summary>
internal enum PathUsage
{
    Normal,

    /// <summary>Queues empty.</summary>
    Under,

    /// <summary>Queues grow.</summary>
    Over,
}

/// <summary>
/// Compares the delay's trend with a threshold that follows the path's own jitter (draft-ietf-rmcat-gcc-02 sections 5.4 and 5.5): a fixed one
/// would starve against flows that fill queues, or be blind.
/// </summary>
internal sealed class OveruseDetector
{
    /// <summary>The slope in a unit that compares with the threshold: ms gained over so many groups, times the gain that browsers use.</summary>
    private const int MostGroups = 60;
    private const double Gain = 4;

    private const double StartThreshold = 12.5;
    private const double LeastThreshold = 6;
    private const double MostThreshold = 600;

    /// <summary>The draft's K_u and K_d, per millisecond: the threshold rises slowly and falls faster.</summary>
    private const double RisePerMillisecond = 0.0087;
    private const double FallPerMillisecond = 0.039;

    /// <summary>A trend further above the threshold than this is a spike, such as a route change: it must not raise the threshold.</summary>
    private const double SpikeMargin = 15;

    private const double LongestStepMilliseconds = 100;

    /// <summary>The trend must stay above the threshold so long before it counts.</summary>
    private const double OveruseMilliseconds = 10;

    private double _threshold = StartThreshold;
    private double _previousTrend;
    private double _timeOver = -1;
    private int _timesOver;
    private TimeSpan? _lastUpdate;

    public PathUsage Usage { get; private set; }

    /// <param name="slope">Of the delay.</param>
    /// <param name="groups">How many groups are behind it.</param>
    public PathUsage Update(double slope, int groups, in GroupDelta delta)
    {
        if (groups < 2)
            return Usage = PathUsage.Normal;
        var trend = Math.Min(groups, MostGroups) * slope * Gain;
        if (trend > _threshold)
        {
            _timeOver = _timeOver < 0 ? delta.Send.TotalMilliseconds / 2 : _timeOver + delta.Send.TotalMilliseconds;
            _timesOver++;
            if (_timeOver > OveruseMilliseconds && _timesOver > 1 && trend >= _previousTrend)
            {
                _timeOver = 0;
                _timesOver = 0;
                Usage = PathUsage.Over;
            }
        }
        else
        {
            _timeOver = -1;
            _timesOver = 0;
            Usage = trend < -_threshold ? PathUsage.Under : PathUsage.Normal;
        }
        _previousTrend = trend;
        Adapt(Math.Abs(trend), delta.ArrivedAt);
        return Usage;
    }

    private void Adapt(double trend, TimeSpan now)
    {
        var step = Math.Clamp((now - (_lastUpdate ?? now)).TotalMilliseconds, 0, LongestStepMilliseconds);
        _lastUpdate = now;
        if (trend > _threshold + SpikeMargin)
            return;
        var rate = trend < _threshold ? FallPerMillisecond : RisePerMillisecond;
        _threshold = Math.Clamp(_threshold + rate * (trend - _threshold) * step, LeastThreshold, MostThreshold);
    }
}
