using Grpc.Core;
using MediaNode.Control.V1;
using MediaNode.IntegrationTests.Fixtures;

namespace MediaNode.IntegrationTests.Admission;

public sealed class RefusalTests
{
    /// <summary>Publishes, watches, and comes new: participants of a <see cref="Call"/>.</summary>
    private const ulong Publisher = 1;
    private const ulong Viewer = 2;
    private const ulong Newcomer = 3;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Full_node_refuses_rooms_people_and_peers_says_why_and_its_call_goes_on()
    {
        // Rooms are refused from 1.8 peers on, people from 1.9, peers from 2.
        await using var node = await NodeProcess.StartAsync(("Node__MaximumPeers", "2"));
        using var call = await Call.StartAsync(node.Control, "full-room");

        AssertNodeIsFull(await Assert.ThrowsAsync<RpcException>(() => NewRoomAsync(node)));
        var person = await Assert.ThrowsAsync<RpcException>(() => JoinAsync(node, call, Newcomer));
        Assert.Equal(StatusCode.ResourceExhausted, person.StatusCode);
        Assert.Contains("its limit is 2", person.Status.Detail, StringComparison.Ordinal);
        // The room is here: on another node its newcomer would be alone.
        Assert.Null(person.Trailers.GetValue("limit-of"));
        AssertNodeIsFull(await Assert.ThrowsAsync<RpcException>(() => SubscribeAsync(node, call, Viewer, peer: 3)));

        await AssertGoesOnAsync(call);
    }

    [Fact]
    public async Task Call_on_a_node_that_became_full_survives_restarts_lost_connections_and_changes()
    {
        // Any call is more than that.
        await using var node = await NodeProcess.StartAsync(("Node__MaximumPacketsPerSecond", "1"));
        using var call = await Call.StartAsync(node.Control, "grown-room");
        await Eventually.BecomesTrue(async () => await IsRefusedAsync(() => NewRoomAsync(node)), expectation: "the node finds itself full");
        Assert.True(await IsRefusedAsync(() => JoinAsync(node, call, Newcomer)));

        await call.RestartPublisherAsync(node.Control);
        await AssertGoesOnAsync(call);
        await node.Control.UpdateSubscriptionAsync(new() { Room = call.Room, PeerId = 2, Restart = true }, cancellationToken: Cancellation);

        // The viewer's page was reloaded; then its connection was lost, and the instance that held it told the node so.
        await JoinAsync(node, call, Viewer);
        await SubscribeAsync(node, call, Viewer, peer: 3);
        await node.Control.LeaveAsync(new() { Room = call.Room, ParticipantId = Viewer }, cancellationToken: Cancellation);
        await JoinAsync(node, call, Viewer);
        await SubscribeAsync(node, call, Viewer, peer: 4);

        // The publisher makes another PeerConnection in the place of its own.
        using var again = new OfferingClient();
        await node.Control.PublishAsync(new() { Room = call.Room, ParticipantId = Publisher, PeerId = 5, SdpOffer = again.Offer }, cancellationToken: Cancellation);
        await node.Control.ClosePeerAsync(new() { Room = call.Room, PeerId = 5 }, cancellationToken: Cancellation);
        await node.Control.PublishAsync(new() { Room = call.Room, ParticipantId = Publisher, PeerId = 6, SdpOffer = again.Offer }, cancellationToken: Cancellation);
    }

    [Fact]
    public async Task Streams_are_not_added_on_a_full_node_but_may_take_the_place_of_others()
    {
        await using var node = await NodeProcess.StartAsync(("Node__MaximumPacketsPerSecond", "1"));
        // The first packet fills the node.
        using var call = await Call.StartAsync(node.Control, "watching-room", async call =>
        {
            await JoinAsync(node, call, Newcomer);
            await SubscribeAsync(node, call, Newcomer, peer: 3, mid: "0");
        });
        await Eventually.BecomesTrue(async () => await IsRefusedAsync(() => NewRoomAsync(node)), expectation: "the node finds itself full");

        var more = new UpdateSubscriptionRequest { Room = call.Room, PeerId = 3, Subscribe = { new StreamSelector { PublisherId = Publisher, Mid = "1" } } };
        var refusal = await Assert.ThrowsAsync<RpcException>(async () => await node.Control.UpdateSubscriptionAsync(more, cancellationToken: Cancellation));
        Assert.Equal("node", refusal.Trailers.GetValue("limit-of"));

        more.Unsubscribe.Add(new SubscribedMid { Mid = "0" });
        var changed = await node.Control.UpdateSubscriptionAsync(more, cancellationToken: Cancellation);
        Assert.Equal(["1"], changed.Streams.Where(stream => stream.Active).Select(stream => stream.PublisherMid));
    }

    private static void AssertNodeIsFull(RpcException refusal)
    {
        Assert.Equal(StatusCode.ResourceExhausted, refusal.StatusCode);
        Assert.Contains("its limit is 2", refusal.Status.Detail, StringComparison.Ordinal);
        Assert.Equal("node", refusal.Trailers.GetValue("limit-of"));
    }

    private static async Task AssertGoesOnAsync(Call call)
    {
        var before = await call.CountsAsync();
        await Eventually.BecomesTrue(async () => (await call.CountsAsync()).Video > before.Video + 25, expectation: "the call goes on");
    }

    private static async Task<bool> IsRefusedAsync(Func<Task> call)
    {
        try
        {
            await call();
            return false;
        }
        catch (RpcException refused) when (refused.StatusCode == StatusCode.ResourceExhausted)
        {
            return true;
        }
    }

    private static async Task NewRoomAsync(NodeProcess node) => await node.Control.JoinAsync(
        new() { Room = new() { RoomId = $"{Guid.NewGuid()}", Epoch = 1 }, ParticipantId = 9, InstanceId = "test", Settings = new() });

    private static async Task JoinAsync(NodeProcess node, Call call, ulong participant) =>
        await node.Control.JoinAsync(call.Join(participant), cancellationToken: Cancellation);

    private static async Task SubscribeAsync(NodeProcess node, Call call, ulong participant, ulong peer, string mid = "") => await node.Control.SubscribeAsync(new()
    {
        Room = call.Room,
        ParticipantId = participant,
        PeerId = peer,
        InstanceId = "test",
        Streams = { new StreamSelector { PublisherId = Publisher, Mid = mid } },
    });
}
