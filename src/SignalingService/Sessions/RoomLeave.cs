namespace SignalingService.Sessions;

/// <summary>"leave". The SDK says <c>room: null</c> here, so the room is the handle's.</summary>
internal static class RoomLeave
{
    public static IEnumerable<Command> Run(Handle handle, RoomRole role, Turn turn)
    {
        // Before the node answers: what it still has to say of the room is for nobody.
        handle.Role = null;
        yield return new LeaveRoom(role.Seat, role.PeerId);
        turn.Event(role is PublisherRole
            ? new("event") { Room = role.Seat.RoomId, Leaving = "ok" }
            : new("event") { Room = role.Seat.RoomId, Left = "ok" });
    }
}
