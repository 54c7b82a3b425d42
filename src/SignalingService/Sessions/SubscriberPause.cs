using MediaNode.Control.V1;

namespace SignalingService.Sessions;

/// <summary>"pause": the node sends nothing more on the handle, until "start".</summary>
internal static class SubscriberPause
{
    public static IEnumerable<Command> Run(SubscriberRole role, Turn turn)
    {
        if (role.PeerId is not { } peer)
        {
            turn.Fail(RoomError.NotPublished, "Can't pause: the PeerConnection has ended");
            yield break;
        }
        var pause = Send(role.Seat, peer, send: false);
        yield return pause;
        if (pause.Refusal is { } refusal)
            turn.Fail(refusal);
        else
            turn.Event(new("event") { Room = role.Seat.RoomId, Paused = "ok" });
    }

    public static ConfigurePeer Send(RoomSeat seat, ulong peer, bool send) =>
        new(seat, peer, new() { PeerId = peer, Streams = { new StreamConfiguration { Send = send } } });
}
