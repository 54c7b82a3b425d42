namespace SignalingService.Sessions;

/// <summary>"start": with an answer it completes the negotiation, without one it goes on after "pause".</summary>
internal static class SubscriberStart
{
    public static IEnumerable<Command> Run(SubscriberRole role, Turn turn)
    {
        if (turn.Message.Jsep is { Type: not "answer" } other)
        {
            turn.Fail(RoomError.InvalidSdpType, $"jsep.type: 'answer' expected, not '{other.Type}'");
            yield break;
        }
        if (role.PeerId is not { } peer)
        {
            turn.Fail(RoomError.NotPublished, "Can't start: the PeerConnection has ended");
            yield break;
        }
        Command step = turn.Message.Jsep is { } answer
            ? new AnswerPeer(role.Seat, peer, new() { PeerId = peer, SdpAnswer = answer.Sdp })
            : SubscriberPause.Send(role.Seat, peer, send: true);
        yield return step;
        if (step.Refusal is { } refusal)
        {
            turn.Fail(refusal);
            yield break;
        }
        role.IsNegotiating &= turn.Message.Jsep is null;
        turn.Event(new("event") { Room = role.Seat.RoomId, Started = "ok" });
        if (role is { IsNegotiating: false, Waiting: { } waiting })
        {
            role.Waiting = null;
            foreach (var command in SubscriptionChange.Apply(role, peer, waiting, turn))
                yield return command;
        }
    }
}
