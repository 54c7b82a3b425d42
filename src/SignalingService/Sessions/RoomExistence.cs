namespace SignalingService.Sessions;

/// <summary>"exists". A room that the user may not see does not exist for them.</summary>
internal static class RoomExistence
{
    public static IEnumerable<Command> Run(JanusSession session, Exists request, Turn turn)
    {
        var access = new CheckAccess(turn.Message.Token ?? session.Token, session.Identity, request.Room);
        yield return access;
        if (!access.Succeeded(out _, out var refusal) && refusal.Code is not (RoomError.NoSuchRoom or RoomError.Unauthorized))
            turn.Fail(refusal);
        else
            turn.Direct(new("success") { Room = request.Room, Exists = access.Refusal is null });
    }
}
