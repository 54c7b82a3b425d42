using MediaNode.Control.V1;

namespace SignalingService.Sessions;

/// <summary>"subscribe", "unsubscribe", "update": other streams on the same PeerConnection. One negotiation at a time; what comes meanwhile waits.</summary>
internal static class SubscriptionChange
{
    /// <summary>Selectors that may wait for an answer: more than a room has streams.</summary>
    private const int WaitingLimit = 4096;

    public static IEnumerable<Command> Run(SubscriberRole role, ChangeSubscription request, Turn turn)
    {
        if (role.PeerId is not { } peer)
            return Refuse(turn, RoomError.NotPublished, $"Can't {request.Word}: the PeerConnection has ended");
        return role.IsNegotiating ? Wait(role, request, turn) : Apply(role, peer, request, turn);
    }

    public static IEnumerable<Command> Apply(SubscriberRole role, ulong peer, ChangeSubscription request, Turn turn)
    {
        var update = new UpdatePeer(role.Seat, peer, new() { PeerId = peer });
        update.Request.Subscribe.AddRange(request.Subscribe.Select(SubscriberJoin.Select));
        update.Request.Unsubscribe.AddRange(request.Unsubscribe.SelectMany(selector => Unselect(role, selector)));
        yield return update;
        if (!update.Succeeded(out var reply, out var refusal))
        {
            turn.Fail(refusal);
            yield break;
        }
        role.Streams = reply.Streams;
        role.IsNegotiating = reply.SdpOffer.Length > 0;
        turn.Event(SubscriberJoin.Offered("updated", role), role.IsNegotiating ? new("offer", reply.SdpOffer) : null);
    }

    private static IEnumerable<Command> Wait(SubscriberRole role, ChangeSubscription request, Turn turn)
    {
        var waiting = role.Waiting;
        var merged = waiting is null
            ? request
            : new("update", [.. waiting.Subscribe, .. request.Subscribe], [.. waiting.Unsubscribe, .. request.Unsubscribe]);
        if (merged.Subscribe.Count + merged.Unsubscribe.Count > WaitingLimit)
        {
            turn.Fail(RoomError.InvalidRequest, "Answer the last offer first: too many changes wait for it");
            yield break;
        }
        role.Waiting = merged;
        turn.Event(SubscriberJoin.Offered("updating", role));
    }

    /// <summary>The client names its own m-line, a publisher, or one stream of a publisher.</summary>
    private static IEnumerable<SubscribedMid> Unselect(SubscriberRole role, FeedSelector selector)
    {
        if (selector.SubscriberMid is { } mid)
            return [new() { Mid = mid }];
        if (selector.Mid is null)
            return [new() { PublisherId = selector.Feed!.Value }];
        return role.Streams
            .Where(stream => stream.PublisherId == selector.Feed && stream.PublisherMid == selector.Mid)
            .Select(stream => new SubscribedMid { Mid = stream.Stream.Mid, PublisherId = stream.PublisherId });
    }

    private static IEnumerable<Command> Refuse(Turn turn, int code, string reason)
    {
        turn.Fail(code, reason);
        yield break;
    }
}
