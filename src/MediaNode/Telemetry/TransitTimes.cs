using System.Diagnostics.Metrics;

namespace MediaNode.Telemetry;

/// <summary>
/// Time in the node: from the look at the socket that found datagrams to the moment when the system has all that they caused. One sample for a turn of the
/// worker, whatever it held, taken from clock readings that the worker needs anyway. What a datagram waits before, in the socket, is at most the pause
/// between turns (about 2 ms) unless the worker is behind.
/// </summary>
internal sealed class TransitTimes(IMeterFactory meters)
{
    private readonly Histogram<double> _histogram = meters.Create(NodeMetrics.MeterName).CreateHistogram(
        "medianode.transit",
        "s",
        "From taking a batch of datagrams to handing over what it caused",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [50e-6, 100e-6, 200e-6, 500e-6, 1e-3, 2e-3, 5e-3, 10e-3, 20e-3, 50e-3, 100e-3, 0.5] });

    public void Record(TimeSpan time) => _histogram.Record(time.TotalSeconds);
}
