using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>
/// What becomes of a broken invariant: the session that tripped over it ends with reason "internal-error", and the others go on. Which invariant it was waits to be
/// logged by whoever runs the engine.
/// </summary>
internal sealed class SessionFaults(MediaCounters counters)
{
    /// <summary>Faults that wait to be taken, which happens every turn of a worker: the first ones of a turn tell enough. More are only counted.</summary>
    private const int MaximumWaiting = 64;

    private readonly Queue<SessionFault> _waiting = new();

    /// <param name="blamed">Whose session ends; null when nobody can be blamed, as for a datagram of a stranger.</param>
    /// <param name="exception">What was thrown.</param>
    /// <param name="now">The current moment.</param>
    public void Contain(Peer? blamed, Exception exception, Instant now)
    {
        counters.SessionFailed();
        if (_waiting.Count < MaximumWaiting)
            _waiting.Enqueue(new(blamed?.Room.Id, blamed?.Id, exception));
        blamed?.Abort("internal-error", now);
    }

    public bool TryTake(out SessionFault fault) => _waiting.TryDequeue(out fault!);
}

/// <summary>A broken invariant, and the session that it cost.</summary>
/// <param name="RoomId">The room; null when nobody was to blame.</param>
/// <param name="PeerId">The peer that was closed.</param>
/// <param name="Exception">What was thrown.</param>
public sealed record SessionFault(string? RoomId, ulong? PeerId, Exception Exception);
