using Microsoft.Extensions.DependencyInjection;
using Platform.Testing;
using SignalingService.IntegrationTests.Fixtures;
using SignalingService.Rooms;

namespace SignalingService.IntegrationTests;

public sealed class RoomAssignmentTests(TwoInstances instances) : IClassFixture<TwoInstances>
{
    private const string Room = "5fb1d8a9c2e4f6a7b8c9d0e1";

    [Fact]
    public async Task Two_instances_that_need_a_room_at_once_agree_on_its_place_also_when_it_moves()
    {
        await using var one = await instances.StartNodeAsync();
        await using var two = await instances.StartNodeAsync();
        var first = await LocateAtOnceAsync();
        foreach (var instance in new[] { instances.First, instances.Second })
            instance.Services.GetRequiredService<NodeTable>().MarkUnreachable(first.NodeId);
        var second = await LocateAtOnceAsync();
        Assert.NotEqual(first.NodeId, second.NodeId);
        Assert.True(second.Epoch > first.Epoch);
    }

    [Fact]
    public async Task Heartbeats_from_the_bus_make_a_node_known_to_every_instance()
    {
        await using var node = await RecordedNode.StartAsync();
        await instances.First.Bus.Publish(node.Heartbeat with { Load = 0.5 }, TestContext.Current.CancellationToken);
        foreach (var instance in new[] { instances.First, instances.Second })
            await Eventually.BecomesTrue(() => instance.Services.GetRequiredService<NodeTable>().CountFresh() > 0, expectation: "the node is heard");
    }

    private async Task<RoomPlace> LocateAtOnceAsync()
    {
        var places = await Task.WhenAll(Enumerable.Range(0, 20).Select(number =>
            (number % 2 == 0 ? instances.First : instances.Second).Services.GetRequiredService<RoomAssignments>().LocateAsync(Room, null, default)));
        return Assert.Single(places.Distinct())!;
    }
}
