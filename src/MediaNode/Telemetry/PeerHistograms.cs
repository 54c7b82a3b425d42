using System.Diagnostics.Metrics;
using MediaNode.Core.Forwarding.Statistics;
using MediaNode.Core.Rtp;
using MediaNode.Transport;

namespace MediaNode.Telemetry;

/// <summary>How people fare, as histograms over all of them: one series each, however many people there are.</summary>
internal sealed class PeerHistograms : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    internal static readonly KeyValuePair<string, object?> Up = new("direction", "up");
    internal static readonly KeyValuePair<string, object?> Down = new("direction", "down");

    /// <summary>Simulcast or spatial layers of video on its way to subscribers; behind them those that get none at the moment.</summary>
    private static readonly string[] LayerNames = ["0", "1", "2", "3", "none"];

    private readonly PeerReader _peers;
    private readonly TimeProvider _time;
    private readonly Histogram<double> _roundTrip;
    private readonly Histogram<double> _loss;
    private readonly Histogram<double> _jitter;
    private readonly Histogram<double> _estimate;
    private readonly Histogram<double> _microphone;
    private long[] _subscriptions = new long[LayerNames.Length];

    public PeerHistograms(PeerReader peers, IMeterFactory meters, TimeProvider time)
    {
        (_peers, _time) = (peers, time);
        var meter = meters.Create(NodeMetrics.MeterName);
        _roundTrip = meter.CreateHistogram("medianode.peer.round_trip", "s", "Round-trip time to clients", advice: Buckets(0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2));
        _loss = meter.CreateHistogram("medianode.stream.loss", "1", "Loss of each stream over a second", advice: Buckets(0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5));
        _jitter = meter.CreateHistogram("medianode.stream.jitter", "s", "Jitter of each stream", advice: Buckets(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2));
        _estimate = meter.CreateHistogram("medianode.peer.estimate", "bit/s", "What the path to each subscriber carries", advice: Buckets(1e5, 3e5, 1e6, 2e6, 5e6, 1e7, 3e7));
        _microphone = meter.CreateHistogram("medianode.microphone.level", "1", "Sound of each microphone, 1 is full scale", advice: Buckets(0.001, 0.003, 0.01, 0.03, 0.1, 0.3));
        meter.CreateObservableUpDownCounter("medianode.video.subscriptions", Subscriptions, "{subscription}", "Subscriptions to video by the layer that goes out, as of the last ten seconds");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                // Nobody listens unless an exporter is configured.
                if (_loss.Enabled)
                    await RecordAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }

    private static InstrumentAdvice<double> Buckets(params double[] bounds) => new() { HistogramBucketBoundaries = bounds };

    private IEnumerable<Measurement<long>> Subscriptions()
    {
        var subscriptions = Volatile.Read(ref _subscriptions);
        return LayerNames.Select((name, layer) => new Measurement<long>(subscriptions[layer], new KeyValuePair<string, object?>("layer", name)));
    }

    private async Task RecordAsync(CancellationToken cancellationToken)
    {
        try
        {
            var subscriptions = new long[LayerNames.Length];
            foreach (var peer in await _peers.ReadAsync(null, cancellationToken))
            {
                Record(peer);
                foreach (var subscription in peer.Subscriptions.Where(subscription => subscription.Kind == MediaKind.Video))
                    subscriptions[Math.Min(subscription.SpatialLayer ?? int.MaxValue, LayerNames.Length - 1)]++;
            }
            Volatile.Write(ref _subscriptions, subscriptions);
        }
        catch (WorkerOverloadedException)
        {
            // These figures can wait; the worker's other work cannot.
        }
    }

    private void Record(PeerStatistics peer)
    {
        if (peer.RoundTrip is { } roundTrip)
            _roundTrip.Record(roundTrip.TotalSeconds);
        if (peer.MicrophoneLevel is { } level)
            _microphone.Record(level);
        if (peer.Estimate is { } estimate)
            _estimate.Record(estimate.BitsPerSecond);
        foreach (var stream in peer.Streams.Where(stream => stream.IsReceiving))
        {
            _loss.Record(stream.Loss, Up);
            _jitter.Record(stream.Jitter.TotalSeconds, Up);
        }
        foreach (var subscription in peer.Subscriptions.Where(subscription => subscription.Lost is not null))
        {
            _loss.Record(subscription.Loss, Down);
            _jitter.Record(subscription.Jitter.TotalSeconds, Down);
        }
    }
}
