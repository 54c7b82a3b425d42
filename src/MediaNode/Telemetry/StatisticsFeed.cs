using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using MediaNode.Admission;
using MediaNode.Control;
using MediaNode.Control.V1;
using MediaNode.Transport;
using Microsoft.Extensions.Options;

namespace MediaNode.Telemetry;

/// <summary>Reports of what everybody sends and gets: a gRPC stream, and one report as JSON for people with a browser.</summary>
internal sealed class StatisticsFeed(PeerReader peers, WorkerPool workers, NodeState node, LoadMonitor load, IOptions<NodeOptions> options, TimeProvider time)
{
    public const int LeastMilliseconds = 100;
    public const int MostMilliseconds = 60_000;
    private const int UsualMilliseconds = 1000;

    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    private int _streams;

    /// <summary>Writes reports until the reader hangs up or the node stops. A report is only made when the one before is on its way, so nothing piles up.</summary>
    public async Task RunAsync(StatisticsRequest request, IServerStreamWriter<StatisticsReport> output, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _streams) > options.Value.MaximumStatisticsStreams)
        {
            Interlocked.Decrement(ref _streams);
            throw new RpcException(new(StatusCode.ResourceExhausted, string.Create(
                CultureInfo.InvariantCulture, $"the node writes {options.Value.MaximumStatisticsStreams} streams of statistics already")));
        }
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, node.Stopping);
        try
        {
            await WriteAsync(request, output, end.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The reader hung up, which is how every stream ends.
        }
        finally
        {
            Interlocked.Decrement(ref _streams);
        }
    }

    public void Map(IEndpointRouteBuilder endpoints) => endpoints.MapGet("/statistics", async (string? room, CancellationToken cancellationToken) =>
        Results.Text(Formatter.Format(await ReportAsync(room, 0, cancellationToken)), "application/json"));

    private async Task WriteAsync(StatisticsRequest request, IServerStreamWriter<StatisticsReport> output, CancellationToken cancellationToken)
    {
        var interval = TimeSpan.FromMilliseconds(request.IntervalMs == 0 ? UsualMilliseconds : request.IntervalMs);
        using var timer = new PeriodicTimer(interval, time);
        var last = time.GetTimestamp();
        do
        {
            var elapsed = time.GetElapsedTime(last);
            last = time.GetTimestamp();
            // The timer keeps one tick at the most, so a longer time than that means that some had no effect.
            var skipped = (uint)Math.Max(0, Math.Floor(elapsed / interval) - 1);
            await output.WriteAsync(await ReportAsync(request.RoomId, skipped, cancellationToken), cancellationToken);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    /// <param name="roomId">Null or empty for all.</param>
    /// <param name="skipped">Reports left out before.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    private async Task<StatisticsReport> ReportAsync(string? roomId, uint skipped, CancellationToken cancellationToken)
    {
        var report = new StatisticsReport { AtUnixMs = time.GetUtcNow().ToUnixTimeMilliseconds(), Node = DescribeNode(), Skipped = skipped };
        try
        {
            var read = await peers.ReadAsync(string.IsNullOrEmpty(roomId) ? null : roomId, cancellationToken);
            report.Peers.AddRange(read.Select(StatisticsMapping.ToProto));
        }
        catch (WorkerOverloadedException)
        {
            // The node's own figures tell why there are none of its peers.
        }
        return report;
    }

    private NodeStatistics DescribeNode()
    {
        var now = load.Load;
        var described = new NodeStatistics
        {
            NodeId = node.NodeId,
            Rooms = (uint)workers.RoomCount,
            Peers = (uint)workers.PeerCount,
            Load = load.Use,
            Draining = node.IsDraining,
            PacketsPerSecond = now.PacketsPerSecond,
            BitsPerSecond = now.BitsPerSecond,
        };
        described.WorkerLoad.AddRange(now.Workers);
        return described;
    }
}
