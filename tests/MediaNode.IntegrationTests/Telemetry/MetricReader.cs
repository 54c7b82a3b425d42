using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace MediaNode.IntegrationTests.Telemetry;

/// <summary>Reads the meter of one node as an exporter does: observable instruments when it is asked, recordings of histograms by their number.</summary>
internal sealed class MetricReader : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<(string Instrument, KeyValuePair<string, object?> Attribute), double> _values = new();

    /// <param name="meters">Of the node: others in this process have meters of the same name.</param>
    public MetricReader(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, attributes, _) => Take(instrument, value, attributes));
        _listener.SetMeasurementEventCallback<int>((instrument, value, attributes, _) => Take(instrument, value, attributes));
        _listener.SetMeasurementEventCallback<double>((instrument, value, attributes, _) => Take(instrument, value, attributes));
        _listener.Start();
    }

    /// <returns>The sum over all attributes, or the value of one; for a histogram the number of its recordings.</returns>
    public double Read(string instrument, KeyValuePair<string, object?>? attribute = null)
    {
        _listener.RecordObservableInstruments();
        return _values.Where(value => value.Key.Instrument == instrument && (attribute is null || value.Key.Attribute.Equals(attribute.Value))).Sum(value => value.Value);
    }

    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> attributes)
    {
        var key = (instrument.Name, attributes.IsEmpty ? default : attributes[0]);
        if (instrument.IsObservable)
            _values[key] = value;
        else
            _values.AddOrUpdate(key, 1, (_, count) => count + 1);
    }
}
