namespace SignalingService.Sessions;

/// <summary>"unpublish": the PeerConnection ends, the participant stays.</summary>
internal static class PublisherUnpublish
{
    public static IEnumerable<Command> Run(PublisherRole role, Turn turn)
    {
        if (role.PeerId is not { } peer)
        {
            turn.Fail(RoomError.NotPublished, "Can't unpublish: not published");
            yield break;
        }
        role.PeerId = null;
        var close = new ClosePeer(role.Seat, peer);
        yield return close;
        if (close.Succeeded(out _, out var refusal))
            turn.Event(new("event") { Room = role.Seat.RoomId, Unpublished = "ok" });
        else
            turn.Fail(refusal);
    }
}
