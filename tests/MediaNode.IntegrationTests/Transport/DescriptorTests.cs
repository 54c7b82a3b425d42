using System.Net;
using System.Net.Sockets;
using MediaNode.IntegrationTests.Fixtures;
using MediaNode.Transport;

namespace MediaNode.IntegrationTests.Transport;

/// <summary>A node that may open few files, or none any more, while strangers connect to its TCP port.</summary>
public sealed class DescriptorTests : IDisposable
{
    /// <summary>Descriptors of the node that come and go by themselves.</summary>
    private const int Slack = 50;

    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(3);

    private readonly List<Socket> _strangers = [];

    public void Dispose() => _strangers.ForEach(stranger => stranger.Dispose());

    [Theory]
    [InlineData(1_048_576, 1, StreamPort.MaximumConnections)]
    [InlineData(4096, 1, 3584)]
    [InlineData(4096, 4, 896)]
    [InlineData(256, 1, 64)]
    [InlineData(256, 8, 8)]
    public void Clients_get_what_the_reserve_leaves_or_a_quarter(long limit, int workers, int expected) =>
        Assert.Equal(expected, DescriptorBudget.StreamsPerWorker(limit, workers));

    [Fact]
    public async Task Strangers_cannot_take_the_descriptors_that_the_node_needs_itself()
    {
        const int Limit = 1024;
        const int Most = Limit - DescriptorBudget.Reserve;
        await using var node = await NodeProcess.StartLimitedAsync(Limit);
        using var call = await Call.StartAsync(node.Control, "few-descriptors");
        var before = node.OpenFiles;

        await ConnectAsync(node, Limit);
        var most = 0;
        await Eventually.BecomesTrue(
            () =>
            {
                most = Math.Max(most, node.OpenFiles);
                return _strangers.Count(IsClosed) >= Limit - Most;
            },
            expectation: "those that are too many are closed");

        Assert.InRange(most, before, before + Most + Slack);
        using (var probe = new HttpClient())
            Assert.Equal(HttpStatusCode.OK, (await probe.GetAsync(new Uri(node.Http, "/alive"), TestContext.Current.CancellationToken)).StatusCode);
        await node.Control.JoinAsync(call.Join(3), cancellationToken: TestContext.Current.CancellationToken);
        await GoesOnAsync(call);
    }

    [Fact]
    public async Task Node_without_a_free_descriptor_goes_on_without_spinning_and_takes_connections_again_later()
    {
        await using var node = await NodeProcess.StartAsync();
        using var call = await Call.StartAsync(node.Control, "no-descriptors");
        await node.LimitOpenFilesAsync(node.OpenFiles);

        await ConnectAsync(node, 32);
        await GoesOnAsync(call);
        var before = node.ProcessorTime;
        await Task.Delay(Watched, TestContext.Current.CancellationToken);
        var used = node.ProcessorTime - before;
        Assert.True(used < Watched / 2, $"{used.TotalSeconds:F1} s of processor time in {Watched.TotalSeconds} s, in which nobody could be accepted");

        await node.LimitOpenFilesAsync(1024);
        await Eventually.BecomesTrue(() => _strangers.TrueForAll(IsClosed), expectation: "strangers are accepted, and closed for want of a check");
        await GoesOnAsync(call);
    }

    /// <summary>The kernel takes them as long as the queue of the listener has room, whatever the node does.</summary>
    private async Task ConnectAsync(NodeProcess node, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            _strangers.Add(stranger);
            // Fewer from one address than are too many for one.
            stranger.Bind(new IPEndPoint(new IPAddress([127, 0, 1, (byte)(1 + i / (StreamPort.MaximumPerOrigin / 2))]), 0));
            await stranger.ConnectAsync(IPAddress.Loopback, node.MediaPort, TestContext.Current.CancellationToken);
        }
    }

    private static bool IsClosed(Socket stranger)
    {
        if (!stranger.Poll(0, SelectMode.SelectRead))
            return false;
        var length = stranger.Receive(new byte[1], SocketFlags.None, out var problem);
        return length == 0 || problem is SocketError.ConnectionReset;
    }

    private static async Task GoesOnAsync(Call call)
    {
        var before = await call.CountsAsync();
        await Eventually.BecomesTrue(async () => (await call.CountsAsync()).Video > before.Video + 25, expectation: "the call goes on");
    }
}
