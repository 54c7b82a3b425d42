using SignalingService.Rooms;
using SignalingService.Sessions;

namespace SignalingService.UnitTests.Rooms;

public sealed class ParticipantGatesTests
{
    private readonly ParticipantGates _gates = new();

    [Fact]
    public async Task Leave_of_a_replaced_seat_does_not_take_its_successor_along()
    {
        var calls = new List<string>();
        var (ghost, successor) = (Seat(), Seat());
        await _gates.JoinAsync(ghost, () => Task.FromResult(0));
        await _gates.JoinAsync(successor, () => Task.FromResult(0));
        await _gates.LeaveAsync(ghost, () => Call("ghost"));
        await _gates.LeaveAsync(successor, () => Call("successor"));
        Assert.Equal(["successor"], calls);

        Task Call(string name)
        {
            calls.Add(name);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Join_waits_for_a_leave_that_is_under_way()
    {
        var leaving = new TaskCompletionSource();
        var first = Seat();
        await _gates.JoinAsync(first, () => Task.FromResult(0));
        var leave = _gates.LeaveAsync(first, () => leaving.Task);
        var join = _gates.JoinAsync(Seat(), () => Task.FromResult(1));
        Assert.False(join.IsCompleted);
        leaving.SetResult();
        await leave;
        Assert.Equal(1, await join);
    }

    private static RoomSeat Seat() => new("5fb1d8a9c2e4f6a7b8c9d0e1", "node", 1, 42);
}
