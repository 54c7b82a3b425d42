namespace SignalingService.Sessions;

/// <summary>
/// The room's node is gone and its media with it. Nobody is asked to hang up: that would stop the user's camera in the SDK. The page
/// hears that the others left and that it may join again, which finds another node.
/// </summary>
internal static class NodeLost
{
    public static void React(JanusSession session, Handle handle, RoomSeat seat)
    {
        if (handle.Role is not { } role || role.Seat != seat)
            return;
        if (role is PublisherRole publisher)
        {
            foreach (var other in publisher.Announced.Order().ToList())
                RoomNews.SayGone(session, handle, publisher, other, hasLeft: true);
            session.SendEvent(handle, new("event") { Room = seat.RoomId, ErrorCode = RoomError.Unknown, Error = "media node lost; join again" });
        }
        session.GiveBack(handle);
    }
}
