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

    private string Join(string chosen)
    {
        var worker = _rooms.Claim(RoomId, () => chosen);
        _rooms.Settle(RoomId, isOpen: true);
        return worker;
    }
}
