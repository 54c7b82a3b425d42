namespace SignalingService.Sessions;

/// <summary>"listparticipants", for those in the room and for those who may enter it.</summary>
internal static class ParticipantList
{
    public static IEnumerable<Command> Run(JanusSession session, Handle handle, ListParticipants request, Turn turn)
    {
        var own = handle.Role?.Seat.RoomId;
        if ((request.Room ?? own) is not { } room)
        {
            turn.Fail(RoomError.MissingElement, "Missing element (room)");
            yield break;
        }
        if (room != own)
        {
            var access = new CheckAccess(turn.Message.Token ?? session.Token, session.Identity, room);
            yield return access;
            if (!access.Succeeded(out _, out var denied))
            {
                turn.Fail(denied);
                yield break;
            }
        }
        var list = new ListRoom(room);
        yield return list;
        if (list.Succeeded(out var reply, out var refusal))
            turn.Direct(new("participants") { Room = room, Participants = [.. reply.Participants.Select(ParticipantEntry.From)] });
        else
            turn.Fail(refusal);
    }
}
