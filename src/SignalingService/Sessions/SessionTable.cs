using System.Diagnostics.CodeAnalysis;
using MediaNode.Control.V1;

namespace SignalingService.Sessions;

/// <summary>
/// The Janus sessions of one connection, as a machine without sockets: messages, room events, finished commands and the time go in,
/// <see cref="Effect"/>s come out. One caller at a time; take all effects after each input.
/// </summary>
internal sealed class SessionTable
{
    private readonly SessionLimits _limits;
    private readonly Func<ulong> _nextId;
    private readonly Effects _effects = new();
    private readonly WorkQueue _creations;
    private readonly Dictionary<ulong, Entry> _sessions = [];
    private bool _isClosed;

    /// <param name="limits">What one connection may hold.</param>
    /// <param name="nextId">Ids of sessions, handles and peers: from 1, below 2^53 (numbers of JavaScript), not to be guessed.</param>
    public SessionTable(SessionLimits limits, Func<ulong> nextId)
    {
        _limits = limits;
        _nextId = nextId;
        _creations = new(_effects);
    }

    /// <summary>Nothing is left of it: whoever runs its commands may stop.</summary>
    public bool IsEmpty => _sessions.Count == 0 && _creations.IsIdle;

    /// <summary>When <see cref="HandleTimeout"/> has something to do.</summary>
    public TimeSpan NextTimeout =>
        _sessions.Count == 0 ? TimeSpan.MaxValue : _sessions.Values.Min(entry => entry.LastRequest) + _limits.SessionTimeout;

    public bool TryTakeEffect([NotNullWhen(true)] out Effect? effect) => _effects.TryTake(out effect);

    /// <param name="message">What the client sent.</param>
    /// <param name="now">A clock that only runs forward.</param>
    public void HandleMessage(ClientMessage message, TimeSpan now)
    {
        if (Find(message.SessionId) is { } sender)
            sender.LastRequest = now;
        var turn = new Turn(message, _effects);
        if (message.Problem is { } problem)
            Answer(turn, () => turn.Error(problem.Code, problem.Reason));
        else if (message.Verb is Verb.Ping or Verb.Info)
            Answer(turn, () => turn.Send(message.Verb == Verb.Ping ? new("pong") { SessionId = message.SessionId } : ServerInfo.Of(_limits)));
        else if (message.Verb == Verb.Create)
            _creations.Enqueue(default, message, Create(turn, message.Token, now));
        else if (message.Verb == Verb.Claim)
            Answer(turn, () => turn.Error(CoreError.NoSuchSession, "Sessions end with their connection and cannot be claimed: create a new one"));
        else if (Find(message.SessionId) is { } entry)
            Run(entry.Session, session => session.Handle(message));
        else
            Answer(turn, () => turn.Error(CoreError.NoSuchSession, $"No such session {message.SessionId}"));
    }

    /// <summary>Takes back a command that was to be awaited.</summary>
    public void HandleCompleted(HandleAddress address, Command command)
    {
        if (address.SessionId == 0)
            _creations.Resume(command);
        else if (Find(address.SessionId) is { } entry)
            Run(entry.Session, session => session.Resume(command));
    }

    public void HandleRoomEvent(HandleAddress address, RoomEvent roomEvent) =>
        Hear(address, (session, handle) => RoomNews.React(session, handle, roomEvent));

    /// <summary>The event stream was interrupted; this is how the room looks now.</summary>
    public void HandleRoomSnapshot(HandleAddress address, RoomSeat seat, ListParticipantsReply room) =>
        Hear(address, (session, handle) => RoomSnapshot.React(session, handle, seat, room));

    public void HandleNodeLost(HandleAddress address, RoomSeat seat) => Hear(address, (session, handle) => NodeLost.React(session, handle, seat));

    public void HandleTimeout(TimeSpan now)
    {
        foreach (var entry in _sessions.Values.Where(entry => now - entry.LastRequest >= _limits.SessionTimeout).ToList())
        {
            if (!entry.Session.IsEnded && !entry.IsTimedOut)
                _effects.Send(new("timeout") { SessionId = entry.Session.Id });
            entry.IsTimedOut = true;
            entry.LastRequest = now;
            Run(entry.Session, session => session.End());
        }
    }

    /// <summary>The connection is gone: every session ends, at once where nothing is under way.</summary>
    public void HandleClosed()
    {
        _isClosed = true;
        foreach (var entry in _sessions.Values.ToList())
            Run(entry.Session, session => session.End());
    }

    private IEnumerable<Command> Create(Turn turn, string? token, TimeSpan now)
    {
        if (_sessions.Count >= _limits.SessionsPerConnection)
        {
            turn.Error(CoreError.Unknown, $"A connection has at most {_limits.SessionsPerConnection} sessions");
            turn.Finish();
            yield break;
        }
        var authenticate = new Authenticate(token);
        yield return authenticate;
        if (!authenticate.Succeeded(out var identity, out var refusal))
            turn.Error(refusal.Code, refusal.Reason);
        else if (!_isClosed)
        {
            var session = new JanusSession(_nextId(), token!, identity, _limits, _nextId, _effects);
            _sessions.Add(session.Id, new(session) { LastRequest = now });
            turn.Success(session.Id, withSession: false);
        }
        turn.Finish();
    }

    private static void Answer(Turn turn, Action answer)
    {
        answer();
        turn.Finish();
    }

    private void Hear(HandleAddress address, Action<JanusSession, Handle> react)
    {
        if (Find(address.SessionId) is { } entry)
            Run(entry.Session, session => session.Hear(address.HandleId, react));
    }

    private void Run(JanusSession session, Action<JanusSession> input)
    {
        input(session);
        if (session.IsGone)
            _sessions.Remove(session.Id);
    }

    private Entry? Find(ulong? sessionId) => sessionId is { } id ? _sessions.GetValueOrDefault(id) : null;

    private sealed class Entry(JanusSession session)
    {
        public JanusSession Session { get; } = session;
        public required TimeSpan LastRequest { get; set; }
        public bool IsTimedOut { get; set; }
    }
}
