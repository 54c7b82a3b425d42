using System.Collections.Concurrent;
using SignalingService.Sessions;

namespace SignalingService.Rooms;

/// <summary>From the seat that a session knows to the member behind it. Bounded by the handles of all connections.</summary>
internal sealed class RoomSeats
{
    private readonly ConcurrentDictionary<RoomSeat, RoomMember> _members = new();

    public void Add(RoomMember member) => _members[member.Seat] = member;

    public RoomMember? Find(RoomSeat seat) => _members.GetValueOrDefault(seat);

    public RoomMember? Take(RoomSeat seat) => _members.TryRemove(seat, out var member) ? member : null;
}
