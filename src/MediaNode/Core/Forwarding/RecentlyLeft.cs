using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>
/// Who left a room a moment ago. Most of them come back: a connection that breaks, to a network or to a signalling instance, looks like leaving from here. A node that
/// is full by now must not end their call.
/// </summary>
internal sealed class RecentlyLeft
{
    /// <summary>Longer than a page tries to reconnect in one go, shorter than a coffee: by then the room they left counts as what is new again.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    /// <summary>Of a large room that loses its signalling instance all at once; more are new when they come back.</summary>
    private const int Capacity = 256;

    private readonly Queue<(ulong ParticipantId, Instant At)> _left = new();

    public void Add(ulong participantId, Instant now)
    {
        if (_left.Count == Capacity)
            _left.Dequeue();
        _left.Enqueue((participantId, now));
    }

    public bool Contains(ulong participantId, Instant now)
    {
        while (_left.TryPeek(out var oldest) && now - oldest.At > Kept)
            _left.Dequeue();
        foreach (var (left, _) in _left)
        {
            if (left == participantId)
                return true;
        }
        return false;
    }
}
