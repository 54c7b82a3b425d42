using MediaNode.Control.V1;

namespace SignalingService.Sessions;

/// <summary>"join" with ptype subscriber or listener: a seat, and an offer for the client to answer with "start".</summary>
internal static class SubscriberJoin
{
    public static IEnumerable<Command> Run(JanusSession session, Handle handle, JoinAsSubscriber request, Turn turn)
    {
        session.SpeaksStock |= request.Stock;
        var access = new CheckAccess(turn.Message.Token ?? session.Token, session.Identity, request.Room);
        yield return access;
        if (!access.Succeeded(out _, out var refusal))
        {
            turn.Fail(refusal);
            yield break;
        }
        var participant = session.ParticipantIn(request.Room);
        var watch = new WatchRoom(request.Room, participant?.Seat);
        yield return watch;
        if (!watch.Succeeded(out var seat, out refusal))
        {
            turn.Fail(refusal);
            yield break;
        }
        var subscribe = new SubscribePeer(seat, session.NextId(), new() { ParticipantId = participant?.ParticipantId ?? 0 });
        subscribe.Request.Streams.AddRange(request.Streams.Select(Select));
        var role = new SubscriberRole(seat) { PeerId = subscribe.PeerId };
        handle.Role = role;
        yield return subscribe;
        if (!subscribe.Succeeded(out var reply, out refusal))
        {
            role.PeerId = null;
            session.GiveBack(handle);
            turn.Fail(refusal);
            yield break;
        }
        role.Streams = reply.Streams;
        role.IsNegotiating = true;
        turn.Event(Offered("attached", role), new("offer", reply.SdpOffer));
    }

    public static StreamSelector Select(FeedSelector selector)
    {
        var stream = new StreamSelector { PublisherId = selector.Feed ?? 0, Mid = selector.Mid ?? "" };
        selector.Layers.Put(stream);
        return stream;
    }

    /// <summary>What goes with every offer. Its <c>id</c> must be there for the SDK to answer at all.</summary>
    public static VideoRoomData Offered(string kind, SubscriberRole role) => new(kind)
    {
        Room = role.Seat.RoomId,
        Id = role.Feed,
        Display = role.Feed is null ? null : Text.OrNull(role.Streams[0].PublisherDisplay),
        Streams = role.Entries,
    };
}
