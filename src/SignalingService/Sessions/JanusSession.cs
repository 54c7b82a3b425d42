using ServiceDefaults;

namespace SignalingService.Sessions;

/// <summary>One Janus session: its user, its handles, and the order in which their requests are worked off.</summary>
internal sealed class JanusSession(ulong id, string token, SessionIdentity identity, SessionLimits limits, Func<ulong> nextId, Effects effects)
{
    private readonly Dictionary<ulong, Handle> _handles = [];
    private readonly WorkQueue _work = new(effects);

    public ulong Id { get; } = id;
    public string Token { get; } = token;
    public SessionIdentity Identity { get; } = identity;
    public Effects Effects { get; } = effects;
    public bool IsEnded { get; private set; }

    /// <summary>Nothing left to do, not even the undoing of what was under way when it ended.</summary>
    public bool IsGone => IsEnded && _work.IsIdle;

    /// <summary>A client of stock Janus: it knows that a publisher may be announced again when its streams change.</summary>
    public bool SpeaksStock { get; set; }

    public ulong UserId => (ulong)Identity.UserId;

    public ulong NextId() => nextId();

    /// <summary>As whom the session has joined a room, if it has.</summary>
    public PublisherRole? ParticipantIn(string roomId) =>
        _handles.Values.Select(handle => handle.Role).OfType<PublisherRole>().FirstOrDefault(role => role.Seat.RoomId == roomId);

    public void Handle(ClientMessage message)
    {
        var turn = new Turn(message, Effects);
        switch (message.Verb)
        {
            case Verb.KeepAlive:
                Answer(turn, turn.Ack);
                break;
            case Verb.Attach:
                Answer(turn, () => Attach(turn));
                break;
            case Verb.Destroy:
                Enqueue(message, Finish(turn, Destroy(turn)));
                break;
            default:
                HandleForHandle(message, turn);
                break;
        }
    }

    public void Resume(Command command) => _work.Resume(command);

    /// <summary>Something about a handle's room, in its place between the operations.</summary>
    public void Hear(ulong handleId, Action<JanusSession, Handle> react) => _work.Enqueue(new(Id, handleId), null, React(handleId, react));

    /// <summary>An operation that no message of the client asked for, in its place between the others.</summary>
    public void Begin(Handle handle, IEnumerable<Command> operation) => _work.Enqueue(new(Id, handle.Id), null, operation);

    /// <summary>The client is gone: everything it held is given back, after what is under way has come to an end.</summary>
    public void End()
    {
        _work.ForgetWaiting();
        _work.Enqueue(new(Id, 0), null, GiveBackEverything());
    }

    public void Send(Handle handle, ServerMessage message) => Effects.Send(message with { SessionId = Id, Sender = handle.Id });

    public void SendEvent(Handle handle, VideoRoomData data) => Send(handle, new("event") { Plugin = new(VideoRoom.Plugin, data) });

    /// <summary>Leaves the handle's room without waiting for the node.</summary>
    public void GiveBack(Handle handle)
    {
        if (handle.Role is { } role)
            Effects.Add(new RunCommand(new(Id, handle.Id), new LeaveRoom(role.Seat, role.PeerId), null, Awaited: false));
        handle.Role = null;
    }

    private void HandleForHandle(ClientMessage message, Turn turn)
    {
        if (message.HandleId is not { } handleId || !_handles.TryGetValue(handleId, out var handle))
        {
            Answer(turn, () => turn.Error(CoreError.NoSuchHandle, $"No such handle {message.HandleId} in session {Id}"));
            return;
        }
        switch (message.Verb)
        {
            case Verb.Trickle:
                // The node is ICE-lite: it learns the client's addresses from the connectivity checks (RFC 8445 section 2.5).
                Answer(turn, turn.Ack);
                break;
            case Verb.Detach:
                Enqueue(message, Finish(turn, Detach(turn, handle)));
                break;
            case Verb.Hangup:
                Enqueue(message, Finish(turn, Hangup.Run(this, handle, turn)));
                break;
            default:
                if (message.Request!.Style == ReplyStyle.Event)
                    turn.Ack();
                Enqueue(message, Finish(turn, Requests.Run(this, handle, message, turn)));
                break;
        }
    }

    private static void Answer(Turn turn, Action answer)
    {
        answer();
        turn.Finish();
    }

    private void Attach(Turn turn)
    {
        if (turn.Message.Plugin != VideoRoom.Plugin)
        {
            turn.Error(CoreError.NoSuchPlugin, $"No such plugin '{turn.Message.Plugin}': there is {VideoRoom.Plugin}");
            return;
        }
        if (_handles.Count >= limits.HandlesPerSession)
        {
            turn.Error(CoreError.Unknown, $"A session has at most {limits.HandlesPerSession} handles");
            return;
        }
        var handle = new Handle(NextId());
        _handles.Add(handle.Id, handle);
        turn.Success(handle.Id);
    }

    private void Enqueue(ClientMessage message, IEnumerable<Command> operation) =>
        _work.Enqueue(new(Id, message.HandleId ?? 0), message, operation);

    private static IEnumerable<Command> Finish(Turn turn, IEnumerable<Command> operation)
    {
        foreach (var command in operation)
            yield return command;
        turn.Finish();
    }

    private IEnumerable<Command> React(ulong handleId, Action<JanusSession, Handle> react)
    {
        if (_handles.TryGetValue(handleId, out var handle))
            react(this, handle);
        yield break;
    }

    private IEnumerable<Command> Detach(Turn turn, Handle handle)
    {
        GiveBack(handle);
        _handles.Remove(handle.Id);
        turn.Success();
        yield break;
    }

    private IEnumerable<Command> Destroy(Turn turn)
    {
        foreach (var command in GiveBackEverything())
            yield return command;
        turn.Success();
    }

    private IEnumerable<Command> GiveBackEverything()
    {
        foreach (var handle in _handles.Values)
            GiveBack(handle);
        _handles.Clear();
        IsEnded = true;
        yield break;
    }
}
