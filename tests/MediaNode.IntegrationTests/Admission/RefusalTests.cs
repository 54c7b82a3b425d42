using Grpc.Core;
using MediaNode.Control.V1;
using MediaNode.IntegrationTests.Fixtures;

namespace MediaNode.IntegrationTests.Admission;

public sealed class RefusalTests
{
    [Fact]
    public async Task Full_node_refuses_rooms_then_peers_says_why_and_its_call_goes_on()
    {
        // Rooms are refused from 1.8 peers on, peers from 2.
        await using var node = await NodeProcess.StartAsync(("Node__MaximumPeers", "2"));
        using var call = await Call.StartAsync(node.Control, "full-room");

        var room = await Assert.ThrowsAsync<RpcException>(() => NewRoomAsync(node));
        Assert.Equal(StatusCode.ResourceExhausted, room.StatusCode);
        Assert.Contains("its limit is 2", room.Status.Detail, StringComparison.Ordinal);
        Assert.Equal("node", room.Trailers.GetValue("limit-of"));

        await node.Control.JoinAsync(call.Join(3), cancellationToken: TestContext.Current.CancellationToken);
        var peer = await Assert.ThrowsAsync<RpcException>(() => NewPeerAsync(node, call));
        Assert.Equal(StatusCode.ResourceExhausted, peer.StatusCode);

        var before = await call.CountsAsync();
        await Eventually.BecomesTrue(async () => (await call.CountsAsync()).Video > before.Video + 25, expectation: "the call goes on");
    }

    private static async Task NewRoomAsync(NodeProcess node) => await node.Control.JoinAsync(
        new() { Room = new() { RoomId = "another", Epoch = 1 }, ParticipantId = 9, InstanceId = "test", Settings = new() });

    private static async Task NewPeerAsync(NodeProcess node, Call call) => await node.Control.SubscribeAsync(
        new() { Room = call.Room, ParticipantId = 3, PeerId = 3, InstanceId = "test", Streams = { new StreamSelector { PublisherId = 1 } } });
}
