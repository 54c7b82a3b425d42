namespace SignalingService.Sessions;

/// <summary>
/// The node says that what comes is not what the client was offered any more: a publisher has changed its codec, say. The client gets another offer unasked, as Janus
/// does it with "updated". While it owes the answer to one, the next waits for that.
/// </summary>
internal static class SubscriptionRefresh
{
    public static IEnumerable<Command> Run(JanusSession session, Handle handle)
    {
        if (handle.Role is not SubscriberRole { PeerId: { } peer } role)
            yield break;
        if (role.IsNegotiating)
        {
            role.Waiting ??= new("update", [], []);
            yield break;
        }
        var update = new UpdatePeer(role.Seat, peer, new() { PeerId = peer });
        yield return update;
        // A node that is gone, or a peer, is told of elsewhere.
        if (!update.Succeeded(out var reply, out _))
            yield break;
        role.Streams = reply.Streams;
        role.IsNegotiating = true;
        session.Send(handle, new("event") { Plugin = new(VideoRoom.Plugin, SubscriberJoin.Offered("updated", role)), Jsep = new("offer", reply.SdpOffer) });
    }
}
