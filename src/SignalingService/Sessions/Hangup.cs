namespace SignalingService.Sessions;

/// <summary>The core's "hangup": ends the handle's PeerConnection, whichever side of the media it is.</summary>
internal static class Hangup
{
    public static IEnumerable<Command> Run(JanusSession session, Handle handle, Turn turn)
    {
        if (handle.Role is { PeerId: { } peer } role)
        {
            role.PeerId = null;
            session.Effects.Add(new RunCommand(new(session.Id, handle.Id), new ClosePeer(role.Seat, peer), turn.Message, Awaited: false));
        }
        turn.Success();
        yield break;
    }
}
