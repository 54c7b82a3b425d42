namespace MediaNode.Core.Congestion;

/// <summary>
/// Whether queues on the path grow: the slope of the one-way delay over the last groups of packets, by least squares.
/// (The trendline estimator that took the place of the Kalman filter of draft-ietf-rmcat-gcc-02 in browsers.)
/// </summary>
internal sealed class DelayTrend
{
    /// <summary>Groups in the line: about 0.6 s of video at 30 frames a second.</summary>
    private const int Window = 20;

    /// <summary>Weight of the past in the smoothed delay; takes the edge off jitter.</summary>
    private const double Smoothing = 0.9;

    private readonly double[] _times = new double[Window];
    private readonly double[] _delays = new double[Window];
    private TimeSpan _firstArrival;
    private double _accumulated;
    private double _smoothed;
    private int _count;

    /// <summary>Groups compared so far.</summary>
    public int Groups => _count;

    /// <summary>Milliseconds of delay gained per millisecond; 0 until the window is full.</summary>
    public double Slope { get; private set; }

    public void Add(in GroupDelta delta)
    {
        if (_count == 0)
            _firstArrival = delta.ArrivedAt;
        _accumulated += (delta.Arrival - delta.Send).TotalMilliseconds;
        _smoothed = Smoothing * _smoothed + (1 - Smoothing) * _accumulated;
        _times[_count % Window] = (delta.ArrivedAt - _firstArrival).TotalMilliseconds;
        _delays[_count % Window] = _smoothed;
        // Wraps to a full window, not to an empty one.
        _count = _count == int.MaxValue ? int.MaxValue / Window * Window - Window : _count + 1;
        if (_count >= Window)
            Slope = FitSlope();
    }

    public void Clear()
    {
        _count = 0;
        _accumulated = _smoothed = 0;
        Slope = 0;
    }

    private double FitSlope()
    {
        double timeMean = 0, delayMean = 0;
        for (var i = 0; i < Window; i++)
        {
            timeMean += _times[i] / Window;
            delayMean += _delays[i] / Window;
        }
        double covariance = 0, variance = 0;
        for (var i = 0; i < Window; i++)
        {
            covariance += (_times[i] - timeMean) * (_delays[i] - delayMean);
            variance += (_times[i] - timeMean) * (_times[i] - timeMean);
        }
        // All groups at one moment: nothing can be said, so nothing changes.
        return variance > 0 ? covariance / variance : Slope;
    }
}
