using SignalingService.Sessions;

namespace SignalingService.Rooms;

/// <summary>
/// Joins and leaves of one participant, one after another. The node replaces a participant who joins again, and takes a "leave" from the
/// instance that the newest one belongs to: when both are on this instance, the older one's "leave" must not be sent.
/// </summary>
internal sealed class ParticipantGates
{
    private readonly Lock _lock = new();

    /// <summary>Bounded by the participants of this instance.</summary>
    private readonly Dictionary<(string RoomId, ulong ParticipantId), Gate> _gates = [];

    public Task<T> JoinAsync<T>(RoomSeat seat, Func<Task<T>> join) => PassAsync(seat, async gate =>
    {
        var reply = await join();
        gate.Owner = seat;
        return reply;
    });

    public Task LeaveAsync(RoomSeat seat, Func<Task> leave) => PassAsync(seat, async gate =>
    {
        if (!ReferenceEquals(gate.Owner, seat))
            return false;
        gate.Owner = null;
        await leave();
        return true;
    });

    private async Task<T> PassAsync<T>(RoomSeat seat, Func<Gate, Task<T>> call)
    {
        var key = (seat.RoomId, seat.ParticipantId!.Value);
        Gate gate;
        lock (_lock)
        {
            if (!_gates.TryGetValue(key, out gate!))
                _gates[key] = gate = new();
            gate.Users++;
        }
        await gate.Turn.WaitAsync();
        try
        {
            return await call(gate);
        }
        finally
        {
            gate.Turn.Release();
            lock (_lock)
            {
                if (--gate.Users == 0 && gate.Owner is null)
                    _gates.Remove(key);
            }
        }
    }

    private sealed class Gate
    {
        public SemaphoreSlim Turn { get; } = new(1);
        public int Users { get; set; }
        public RoomSeat? Owner { get; set; }
    }
}
