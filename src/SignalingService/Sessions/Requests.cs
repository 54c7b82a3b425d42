namespace SignalingService.Sessions;

/// <summary>Which operation a request to the plugin is, given what its handle is.</summary>
internal static class Requests
{
    public static IEnumerable<Command> Run(JanusSession session, Handle handle, ClientMessage message, Turn turn) =>
        (message.Request, handle.Role) switch
        {
            (UnreadableRequest unreadable, _) => Refuse(turn, unreadable.Refusal.Code, unreadable.Refusal.Reason),
            (ListParticipants request, _) => ParticipantList.Run(session, handle, request, turn),
            (Exists request, _) => RoomExistence.Run(session, request, turn),
            (JoinAsPublisher or JoinAsSubscriber, not null) => Refuse(turn, RoomError.AlreadyJoined, "Already in a room on this handle"),
            (JoinAsPublisher request, null) => PublisherJoin.Run(session, handle, request, turn),
            (JoinAsSubscriber request, null) => SubscriberJoin.Run(session, handle, request, turn),
            (_, null) => Refuse(turn, RoomError.JoinFirst, $"Can't {message.Request!.Name}: join a room first"),
            (Leave, { } role) => RoomLeave.Run(handle, role, turn),
            (Configure request, PublisherRole role) => PublisherConfigure.Run(session, role, request, turn),
            (Unpublish, PublisherRole role) => PublisherUnpublish.Run(role, turn),
            (Configure { Word: "configure" } request, SubscriberRole role) => SubscriberConfigure.Run(role, request, turn),
            (Start, SubscriberRole role) => SubscriberStart.Run(role, turn),
            (Pause, SubscriberRole role) => SubscriberPause.Run(role, turn),
            (ChangeSubscription request, SubscriberRole role) => SubscriptionChange.Run(role, request, turn),
            (_, PublisherRole) => Refuse(turn, RoomError.InvalidRequest, $"'{message.Request!.Name}' is for subscribers"),
            _ => Refuse(turn, RoomError.InvalidRequest, $"'{message.Request!.Name}' is for publishers"),
        };

    private static IEnumerable<Command> Refuse(Turn turn, int code, string reason)
    {
        turn.Fail(code, reason);
        yield break;
    }
}
