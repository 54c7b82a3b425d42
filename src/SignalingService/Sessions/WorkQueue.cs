namespace SignalingService.Sessions;

/// <summary>
/// Operations of one session, strictly one after another. An operation is an iterator: it yields a command, and goes on when the command
/// has come back, so that a sequence of calls reads from top to bottom although nothing in here waits.
/// </summary>
internal sealed class WorkQueue(Effects effects)
{
    /// <summary>Operations that may wait while one call to a node is under way (at most seconds); past it something is wrong with the client.</summary>
    public const int Capacity = 1024;

    private readonly Queue<Item> _waiting = new();
    private Item? _current;

    public bool IsIdle => _current is null;

    public void Enqueue(HandleAddress address, ClientMessage? cause, IEnumerable<Command> operation)
    {
        if (_waiting.Count >= Capacity)
        {
            effects.Add(new CloseConnection("too many requests are waiting"));
            return;
        }
        _waiting.Enqueue(new(address, cause, operation.GetEnumerator()));
        if (_current is null)
            Advance();
    }

    /// <summary>Takes a command back. One that is not awaited (any longer) is ignored.</summary>
    public void Resume(Command command)
    {
        if (_current is { } current && ReferenceEquals(current.Steps.Current, command))
            Advance();
    }

    /// <summary>Forgets what has not begun; what has begun goes on, so that it can be undone properly.</summary>
    public void ForgetWaiting() => _waiting.Clear();

    private void Advance()
    {
        while (_current is not null || _waiting.TryDequeue(out _current))
        {
            if (_current.Steps.MoveNext())
            {
                effects.Add(new RunCommand(_current.Address, _current.Steps.Current, _current.Cause, Awaited: true));
                return;
            }
            _current.Steps.Dispose();
            _current = null;
        }
    }

    private sealed record Item(HandleAddress Address, ClientMessage? Cause, IEnumerator<Command> Steps);
}
