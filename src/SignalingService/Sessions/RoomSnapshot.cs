using MediaNode.Control.V1;

namespace SignalingService.Sessions;

/// <summary>Makes up for the events that an interrupted stream has swallowed.</summary>
internal static class RoomSnapshot
{
    public static void React(JanusSession session, Handle handle, RoomSeat seat, ListParticipantsReply room)
    {
        if (handle.Role is not PublisherRole role || role.Seat != seat)
            return;
        if (!room.Participants.Any(participant => participant.Id == role.ParticipantId))
        {
            RoomNews.PutOut(session, handle, role, "timeout");
            return;
        }
        var present = room.Participants.ToDictionary(participant => participant.Id);
        foreach (var gone in role.Announced.Where(id => !present.TryGetValue(id, out var there) || !there.Publishing).Order().ToList())
            RoomNews.SayGone(session, handle, role, gone, hasLeft: !present.ContainsKey(gone));
        foreach (var publisher in room.Participants.Where(participant => participant.Publishing && !role.Announced.Contains(participant.Id)))
            RoomNews.Announce(session, handle, role, new() { Id = publisher.Id, Display = publisher.Display, Talking = publisher.Talking });
    }
}
