using MediaNode.IntegrationTests.Fixtures;
using MediaNode.Transport;

namespace MediaNode.IntegrationTests.Transport;

public sealed class RoomPlacementsTests
{
    private const string RoomId = "5fb1d8a9c2e4f6a7b8c9d0e1";

    private readonly RoomPlacements<string> _rooms = new();

    [Fact]
    public void Room_stays_with_its_worker_until_it_ends()
    {
        Join("first");
        Assert.Equal("first", Join("second"));

        _rooms.End(RoomId);

        Assert.Null(_rooms.Find(RoomId));
        Assert.Equal("second", Join("second"));
    }

    [Fact]
    public void Room_that_ends_while_a_join_is_on_its_way_stays_where_the_join_opens_it_again()
    {
        Join("first");
        var worker = _rooms.Claim(RoomId, () => "second");

        _rooms.End(RoomId);
        _rooms.Settle(RoomId, isOpen: true);

        Assert.Equal(worker, _rooms.Find(RoomId));
        Assert.Equal("first", Join("second"));
    }

    [Fact]
    public void Two_joins_of_a_room_that_nobody_has_go_to_one_worker_whichever_runs_first()
    {
        var one = _rooms.Claim(RoomId, () => "first");
        var other = _rooms.Claim(RoomId, () => "second");
        _rooms.Settle(RoomId, isOpen: true);
        _rooms.End(RoomId);
        Assert.Equal("first", _rooms.Find(RoomId));
        _rooms.Settle(RoomId, isOpen: true);

        Assert.Equal(one, other);
        Assert.Equal("first", _rooms.Find(RoomId));
    }

    [Fact]
    public void Join_that_fails_or_is_never_run_leaves_nothing()
    {
        _rooms.Claim(RoomId, () => "first");
        _rooms.Settle(RoomId, isOpen: false);
        Assert.Equal(0, _rooms.Count);

        _rooms.Claim(RoomId, () => "first");
        _rooms.GiveBack(RoomId);
        Assert.Equal(0, _rooms.Count);
    }

    [Fact]
    public void Join_that_is_never_run_takes_no_open_room_away()
    {
        Join("first");

        _rooms.Claim(RoomId, () => "second");
        _rooms.GiveBack(RoomId);

        Assert.Equal("first", _rooms.Find(RoomId));
    }

    /// <summary>The threads of a whole node, many times: closing and join meet in one turn of the worker, or in two.</summary>
    [Fact]
    public async Task Room_that_is_closed_and_joined_at_once_is_where_the_node_looks_for_it()
    {
        await using var node = await RunningNode.StartAsync("Node:Workers=2");
        for (ulong user = 1; user <= 200; user++)
        {
            await JoinAsync(node, user);
            var closed = node.Workers.Find(RoomId)!.InvokeAsync((engine, now) => engine.CloseRoom(RoomId, 1, "test", now));
            await Task.WhenAll(closed, JoinAsync(node, user));

            await Eventually.BecomesTrue(async () => node.Workers.Find(RoomId) == await HolderAsync(node), expectation: "the room is where the node looks for it");
        }
    }

    private static async Task JoinAsync(RunningNode node, ulong user) =>
        Assert.Null((await node.Workers.JoinAsync(RoomId, (engine, now) => engine.Join(RoomId, 1, user, "", "test", new(0, 0), now))).Failure);

    private static async Task<Worker?> HolderAsync(RunningNode node)
    {
        var holders = new List<Worker>();
        foreach (var worker in node.Workers.Workers)
        {
            if (await worker.InvokeAsync((engine, _) => engine.HasRoom(RoomId)))
                holders.Add(worker);
        }
        Assert.True(holders.Count <= 1, "the room is open on two workers");
        return holders.SingleOrDefault();
    }

    private string Join(string chosen)
    {
        var worker = _rooms.Claim(RoomId, () => chosen);
        _rooms.Settle(RoomId, isOpen: true);
        return worker;
    }
}
