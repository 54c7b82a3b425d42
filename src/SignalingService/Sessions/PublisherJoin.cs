namespace SignalingService.Sessions;

/// <summary>"join" with ptype publisher, and "joinandconfigure": in, with the list of those who publish already.</summary>
internal static class PublisherJoin
{
    public static IEnumerable<Command> Run(JanusSession session, Handle handle, JoinAsPublisher request, Turn turn)
    {
        if (session.UserId == 0 || request.Id is { } id && id != session.UserId)
        {
            turn.Fail(RoomError.Unauthorized, session.UserId == 0
                ? "Unauthorized (the token is of an application alone, without a user)"
                : $"Unauthorized (id: must be the token's user, {session.UserId})");
            yield break;
        }
        var access = new CheckAccess(turn.Message.Token ?? session.Token, session.Identity, request.Room);
        yield return access;
        if (!access.Succeeded(out var meeting, out var refusal))
        {
            turn.Fail(refusal);
            yield break;
        }
        var enter = new EnterRoom(request.Room, session.UserId, request.Display ?? session.Identity.Name);
        yield return enter;
        if (!enter.Succeeded(out var entry, out refusal))
        {
            turn.Fail(refusal);
            yield break;
        }
        var role = new PublisherRole(entry.Seat, session.UserId, entry.Reply.Sequence);
        handle.Role = role;
        SessionDescription? answer = null;
        if (request.Configure is { } configure && turn.Message.Jsep is not null)
        {
            var publish = PublisherConfigure.Offer(session, role, configure, turn);
            yield return publish;
            if (!publish.Succeeded(out var published, out refusal))
            {
                session.GiveBack(handle);
                turn.Fail(refusal);
                yield break;
            }
            role.PeerId = publish.PeerId;
            answer = new("answer", published.SdpAnswer);
        }
        turn.Ack();
        turn.Event(Joined(session, role, entry, meeting), answer);
    }

    private static VideoRoomData Joined(JanusSession session, PublisherRole role, RoomEntry entry, MeetingAccess meeting)
    {
        var others = entry.Reply.Publishers.Where(publisher => publisher.Id != role.ParticipantId).ToList();
        role.Announced.UnionWith(others.Select(publisher => publisher.Id));
        return new("joined")
        {
            Room = role.Seat.RoomId,
            Description = meeting.Name ?? role.Seat.RoomId,
            Id = role.ParticipantId,
            PrivateId = session.NextId(),
            Publishers = [.. others.Select(PublisherEntry.From)],
        };
    }
}
