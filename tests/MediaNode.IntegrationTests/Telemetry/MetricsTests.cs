using System.Diagnostics;
using MediaNode.IntegrationTests.Fixtures;

namespace MediaNode.IntegrationTests.Telemetry;

/// <summary>What dashboards see of a call with real sockets.</summary>
public sealed class MetricsTests
{
    /// <summary>Long enough for a freeze, too short for a pause.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(700);

    private const string Loopback = "Node:AdvertisedAddresses:0=127.0.0.1";

    private static readonly KeyValuePair<string, object?> Up = new("direction", "up");
    private static readonly KeyValuePair<string, object?> Down = new("direction", "down");

    [Fact]
    public async Task Totals_of_a_call_are_read_as_metrics()
    {
        await using var node = await RunningNode.StartAsync(Loopback);
        using var metrics = new MetricReader(node.Meters);
        using var call = await SocketCall.StartAsync(node, "udp4");
        var subscriber = await call.WatchAsync(2, "udp4");
        call.Hears(subscriber);

        Assert.Equal(2, metrics.Read("medianode.peers"));
        Assert.True(metrics.Read("medianode.packets.received") >= 50);
        Assert.True(metrics.Read("medianode.packets.forwarded") >= 50);
        Assert.True(metrics.Read("medianode.keyframe.requests") >= 1);
        Assert.True(metrics.Read("medianode.layer.switches") >= 1);
        Assert.True(metrics.Read("medianode.transit") > 0, "no turn of the worker was timed");
        Assert.Equal(0, metrics.Read("medianode.sessions.failed"));
    }

    [Fact]
    public async Task Gap_in_a_picture_counts_as_a_freeze_both_ways()
    {
        await using var node = await RunningNode.StartAsync(Loopback);
        using var metrics = new MetricReader(node.Meters);
        using var call = await SocketCall.StartAsync(node, "udp4");
        var subscriber = await call.WatchAsync(2, "udp4");
        call.Hears(subscriber);
        Assert.Equal(0, metrics.Read("medianode.freezes", Up));

        var since = Stopwatch.StartNew();
        call.RunUntil(() => since.Elapsed > Silence, "nothing is sent for a while", sends: false);
        call.Hears(subscriber);

        Assert.Equal(1, metrics.Read("medianode.freezes", Up));
        Assert.Equal(1, metrics.Read("medianode.freezes", Down));
    }

    [Fact]
    public async Task How_people_fare_is_read_every_ten_seconds()
    {
        await using var node = await RunningNode.StartAsync(Loopback);
        using var metrics = new MetricReader(node.Meters);
        using var call = await SocketCall.StartAsync(node, "udp4");
        await call.WatchAsync(2, "udp4");

        call.RunUntil(() => metrics.Read("medianode.video.subscriptions", new("layer", "0")) == 1, "the subscription to video is counted by its layer");

        Assert.Equal(0, metrics.Read("medianode.video.subscriptions", new("layer", "none")));
        call.RunUntil(() => metrics.Read("medianode.stream.jitter", Up) >= 2, "the jitter of both streams is recorded");
        Assert.True(metrics.Read("medianode.stream.loss", Up) >= 2);
        Assert.True(metrics.Read("medianode.microphone.level") >= 1, "no level of a microphone was recorded");
    }
}
