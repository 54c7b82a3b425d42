using System.Text.Json;
using Grpc.Core;
using MediaNode.Control.V1;
using MediaNode.IntegrationTests.Fixtures;
using Kind = MediaNode.Control.V1.Stream.Types.Kind;

namespace MediaNode.IntegrationTests.Control;

public sealed class StatisticsTests
{
    private const string Room = "statistics-room";

    [Fact]
    public async Task Stream_of_reports_tells_what_is_sent_and_what_arrives()
    {
        await using var node = await NodeProcess.StartAsync();
        using var call = await Call.StartAsync(node.Control, Room);
        using var reports = node.Control.Statistics(new() { RoomId = Room, IntervalMs = 200 }, cancellationToken: TestContext.Current.CancellationToken);
        var report = await NextAsync(reports, report => VideoOf(report)?.BitsPerSecond > 0 && SubscriptionOf(report)?.BitsPerSecond > 0);

        var video = VideoOf(report)!;
        Assert.True(video.Receiving);
        Assert.Equal("vp8", video.Codec);
        // 25 frames a second of two packets of 600 bytes each.
        Assert.InRange(video.PacketsPerSecond, 25, 75);
        Assert.InRange(video.BitsPerSecond, 25 * 600 * 8, 75 * 700 * 8);
        Assert.True(video.KeyFrames >= 1 && video.Frames > 5);
        var subscription = SubscriptionOf(report)!;
        Assert.Equal(1ul, subscription.PublisherId);
        Assert.False(subscription.Paused || subscription.HeldForSpeakers || subscription.HeldForOverload);
        Assert.True(subscription.Packets > 0 && subscription.BitsPerSecond > 0);
        Assert.Equal(2u, report.Node.Peers);
        Assert.InRange(report.Node.Load, 0, 1);
    }

    [Fact]
    public async Task The_same_is_there_as_JSON_and_only_of_the_room_asked_for()
    {
        await using var node = await NodeProcess.StartAsync();
        using var call = await Call.StartAsync(node.Control, Room);
        using var http = new HttpClient { BaseAddress = node.Http };
        Assert.Equal(2, await CountPeersAsync(http, $"/statistics?room={Room}"));
        Assert.Equal(2, await CountPeersAsync(http, "/statistics"));
        Assert.Equal(0, await CountPeersAsync(http, "/statistics?room=other"));
    }

    [Theory]
    [InlineData(99)]
    [InlineData(60_001)]
    public async Task Interval_out_of_bounds_is_refused_by_name(uint milliseconds)
    {
        await using var node = await NodeProcess.StartAsync();
        using var reports = node.Control.Statistics(new() { IntervalMs = milliseconds }, cancellationToken: TestContext.Current.CancellationToken);
        var refusal = await Assert.ThrowsAsync<RpcException>(() => reports.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
        Assert.Contains("interval_ms", refusal.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Streams_are_limited_and_one_that_ends_makes_room()
    {
        await using var node = await NodeProcess.StartAsync(("Node__MaximumStatisticsStreams", "1"));
        var first = node.Control.Statistics(new(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(await first.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        using var second = node.Control.Statistics(new(), cancellationToken: TestContext.Current.CancellationToken);
        var refusal = await Assert.ThrowsAsync<RpcException>(() => second.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        Assert.Equal(StatusCode.ResourceExhausted, refusal.StatusCode);
        Assert.Contains("1 streams", refusal.Status.Detail, StringComparison.Ordinal);

        first.Dispose();
        await Eventually.BecomesTrue(
            async () =>
            {
                using var third = node.Control.Statistics(new(), cancellationToken: TestContext.Current.CancellationToken);
                try
                {
                    return await third.ResponseStream.MoveNext(TestContext.Current.CancellationToken);
                }
                catch (RpcException notYet) when (notYet.StatusCode == StatusCode.ResourceExhausted)
                {
                    return false;
                }
            },
            expectation: "another stream is taken");
    }

    private static StreamStatistics? VideoOf(StatisticsReport report) =>
        report.Peers.SelectMany(peer => peer.Streams).FirstOrDefault(stream => stream.Kind == Kind.Video);

    private static SubscriptionStatistics? SubscriptionOf(StatisticsReport report) =>
        report.Peers.SelectMany(peer => peer.Subscriptions).FirstOrDefault(stream => stream.Kind == Kind.Video);

    private static async Task<StatisticsReport> NextAsync(AsyncServerStreamingCall<StatisticsReport> reports, Func<StatisticsReport, bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await foreach (var report in reports.ResponseStream.ReadAllAsync(limit.Token))
        {
            if (condition(report))
                return report;
        }
        throw new InvalidOperationException("the stream ended");
    }

    private static async Task<int> CountPeersAsync(HttpClient http, string path)
    {
        using var json = JsonDocument.Parse(await http.GetStringAsync(new Uri(path, UriKind.Relative)));
        return json.RootElement.GetProperty("peers").GetArrayLength();
    }
}
