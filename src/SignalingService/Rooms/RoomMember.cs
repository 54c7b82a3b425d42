using MediaNode.Control.V1;
using SignalingService.Sessions;

namespace SignalingService.Rooms;

/// <summary>Who hears of rooms: a connection. Calls come from other threads and must not block.</summary>
internal interface IRoomListener
{
    void HearEvent(HandleAddress address, RoomEvent roomEvent);

    void HearSnapshot(HandleAddress address, RoomSeat seat, ListParticipantsReply room);

    void HearNodeLost(HandleAddress address, RoomSeat seat);
}

/// <summary>One handle of a connection in a room of a node.</summary>
internal sealed record RoomMember(IRoomListener Listener, HandleAddress Address, RoomSeat Seat, NodeLink Link);
