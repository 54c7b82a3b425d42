using System.Diagnostics.Metrics;
using MediaNode.Admission;
using MediaNode.Core.Forwarding;
using MediaNode.Transport;

namespace MediaNode.Telemetry;

/// <summary>The workers' counters as OpenTelemetry metrics, read when they are collected: counting costs the media threads an increment.</summary>
internal sealed class NodeMetrics : IHostedService
{
    public const string MeterName = "Platform.MediaNode";

    private static readonly DropReason[] Reasons = Enum.GetValues<DropReason>();

    private readonly WorkerPool _workers;
    private readonly LoadMonitor _load;
    private readonly Meter _meter;

    public NodeMetrics(WorkerPool workers, LoadMonitor load, IMeterFactory meters)
    {
        _workers = workers;
        _load = load;
        _meter = meters.Create(MeterName);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _meter.CreateObservableUpDownCounter("medianode.rooms", () => _workers.RoomCount, "{room}", "Rooms on this node");
        _meter.CreateObservableUpDownCounter("medianode.peers", () => PerWorker(worker => (long)worker.Engine.PeerCount), "{peer}", "PeerConnections on this node");
        _meter.CreateObservableCounter("medianode.packets.received", () => PerWorker(worker => worker.Engine.Counters.PacketsReceived), "{packet}", "RTP packets that authenticated");
        _meter.CreateObservableCounter("medianode.bytes.received", () => PerWorker(worker => worker.Engine.Counters.BytesReceived), "By");
        _meter.CreateObservableCounter("medianode.packets.forwarded", () => PerWorker(worker => worker.Engine.Counters.PacketsForwarded), "{packet}", "RTP packets sent to subscribers");
        _meter.CreateObservableCounter("medianode.bytes.forwarded", () => PerWorker(worker => worker.Engine.Counters.BytesForwarded), "By");
        _meter.CreateObservableCounter("medianode.packets.resent", () => PerWorker(worker => worker.Engine.Counters.PacketsResent), "{packet}", "RTP packets sent again after a NACK");
        _meter.CreateObservableCounter("medianode.packets.restored", () => PerWorker(worker => worker.Engine.Counters.PacketsRestored), "{packet}", "Lost packets of audio made again from redundancy");
        _meter.CreateObservableCounter("medianode.keyframe.requests", () => PerWorker(worker => worker.Engine.Counters.KeyFrameRequests), "{request}", "PLI and FIR sent to publishers");
        _meter.CreateObservableCounter("medianode.layer.switches", () => PerWorker(worker => worker.Engine.Counters.LayerSwitches), "{switch}", "Changes of a subscription to another encoding");
        _meter.CreateObservableCounter("medianode.packets.nacked", () => PerWorker(worker => worker.Engine.Counters.PacketsNacked), "{packet}", "RTP packets that publishers were asked for again");
        _meter.CreateObservableCounter("medianode.freezes", Freezes, "{freeze}", "Gaps in the video of publishers (direction up), and in what goes to subscribers (down)");
        _meter.CreateObservableGauge("medianode.worker.load", () => PerWorker(worker => worker.Load), "1", "Share of its time that a worker's thread works");
        _meter.CreateObservableGauge("medianode.load", () => _load.Use, "1", "Highest use of the node's limits; at 1 it takes no new rooms");
        _meter.CreateObservableGauge("medianode.overload.kept", () => PerWorker(worker => worker.Engine.VideoKept), "1", "Share of the video wanted that is sent; below 1 the worker has too much to do");
        _meter.CreateObservableGauge("medianode.overload.rooms", () => PerWorker(worker => worker.Engine.CutRooms), "{room}", "Rooms that get less video than they want for that");
        _meter.CreateObservableCounter("medianode.send.failures", SendFailures, "{packet}", "Datagrams that were not sent, by reason");
        _meter.CreateObservableUpDownCounter("medianode.tcp.connections", () => PerWorker(worker => (long)worker.StreamCount), "{connection}", "Clients' connections by TCP, with and without a peer");
        _meter.CreateObservableCounter("medianode.tcp.drops", StreamDrops, "{connection}", "Clients' connections by TCP that were not taken, or ended, by reason");
        _meter.CreateObservableCounter("medianode.data.messages.forwarded", () => PerWorker(worker => worker.Engine.Counters.DataMessagesForwarded), "{message}", "Data channel messages to subscribers");
        _meter.CreateObservableCounter("medianode.sessions.failed", () => PerWorker(worker => worker.Engine.Counters.SessionsFailed), "{session}", "Sessions that ended because they tripped over a broken invariant");
        _meter.CreateObservableCounter("medianode.drops", Drops, "{drop}", "Datagrams, packets and requests that went no further, by reason");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private IEnumerable<Measurement<T>> PerWorker<T>(Func<Worker, T> value) where T : struct =>
        _workers.Workers.Select((worker, index) => new Measurement<T>(value(worker), new KeyValuePair<string, object?>("worker", index)));

    private IEnumerable<Measurement<long>> Freezes() =>
    [
        new(_workers.Workers.Sum(worker => worker.Engine.Counters.FreezesReceived), PeerHistograms.Up),
        new(_workers.Workers.Sum(worker => worker.Engine.Counters.FreezesForwarded), PeerHistograms.Down),
    ];

    private IEnumerable<Measurement<long>> SendFailures() =>
        Transport.SendFailures.Reasons.Select(reason => new Measurement<long>(
            _workers.Workers.Sum(worker => worker.SendFailures[reason]), new KeyValuePair<string, object?>("reason", reason.ToString())));

    private IEnumerable<Measurement<long>> StreamDrops() =>
        Transport.StreamDrops.Reasons.Select(reason => new Measurement<long>(
            _workers.Workers.Sum(worker => worker.StreamDrops?[reason] ?? 0), new KeyValuePair<string, object?>("reason", reason.ToString())));

    private IEnumerable<Measurement<long>> Drops() =>
        Reasons.Select(reason => new Measurement<long>(
            _workers.Workers.Sum(worker => worker.Engine.Drops[reason]), new KeyValuePair<string, object?>("reason", reason.ToString())));
}
