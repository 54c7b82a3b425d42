using Grpc.Core;
using MediaNode.IntegrationTests.Fixtures;

namespace MediaNode.IntegrationTests.Control;

/// <summary>Real processes and real signals.</summary>
public sealed class DrainTests
{
    private const string Room = "drain-room";

    [Fact]
    public async Task Node_without_peers_ends_at_the_first_signal()
    {
        await using var node = await NodeProcess.StartAsync(("Node__DrainSeconds", "600"));
        await node.TerminateAsync();
        await Eventually.BecomesTrue(() => node.HasEnded, TimeSpan.FromSeconds(30), "the node ends");
        Assert.Equal(0, node.ExitCode);
    }

    [Fact]
    public async Task Signal_leaves_a_call_running_takes_no_new_room_and_ends_with_the_last_peer()
    {
        await using var node = await NodeProcess.StartAsync(("Node__DrainSeconds", "600"));
        using (var call = await Call.StartAsync(node.Control, Room))
        {
            await node.TerminateAsync();
            await Eventually.BecomesTrue(() => node.Output.Contains("the node drains", StringComparison.Ordinal), expectation: "the node drains");

            var refusal = await Assert.ThrowsAsync<RpcException>(() => NewRoomAsync(node));
            Assert.Equal(StatusCode.Unavailable, refusal.StatusCode);
            await node.Control.JoinAsync(call.Join(3), cancellationToken: TestContext.Current.CancellationToken);
            var before = await call.CountsAsync();
            await Eventually.BecomesTrue(async () => (await call.CountsAsync()).Video > before.Video + 25, expectation: "video goes on for a second");
            Assert.False(node.HasEnded);
        }
        await Eventually.BecomesTrue(() => node.HasEnded, TimeSpan.FromSeconds(30), "the node ends when the call does");
        Assert.Equal(0, node.ExitCode);
    }

    [Fact]
    public async Task Second_signal_ends_the_node_with_a_call_in_it()
    {
        await using var node = await NodeProcess.StartAsync(("Node__DrainSeconds", "600"));
        using var call = await Call.StartAsync(node.Control, Room);
        await node.TerminateAsync();
        await Eventually.BecomesTrue(() => node.Output.Contains("the node drains", StringComparison.Ordinal), expectation: "the node drains");
        await node.TerminateAsync();
        await Eventually.BecomesTrue(() => node.HasEnded, TimeSpan.FromSeconds(30), "the node ends");
    }

    [Fact]
    public async Task Command_drains_too_and_its_time_limit_holds()
    {
        await using var node = await NodeProcess.StartAsync(("Node__DrainSeconds", "600"));
        using var call = await Call.StartAsync(node.Control, Room);
        var reply = await node.Control.DrainAsync(new() { LimitSeconds = 600 }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((1u, 2u, 600u), (reply.Rooms, reply.Peers, reply.LimitSeconds));
        Assert.False(node.HasEnded);

        await node.Control.DrainAsync(new() { LimitSeconds = 1 }, cancellationToken: TestContext.Current.CancellationToken);
        await Eventually.BecomesTrue(() => node.HasEnded, TimeSpan.FromSeconds(30), "the node ends after its time");
        Assert.Contains("with 2 peers left", node.Output, StringComparison.Ordinal);
    }

    private static async Task NewRoomAsync(NodeProcess node) => await node.Control.JoinAsync(
        new() { Room = new() { RoomId = "another", Epoch = 1 }, ParticipantId = 9, InstanceId = "test", Settings = new() });
}
