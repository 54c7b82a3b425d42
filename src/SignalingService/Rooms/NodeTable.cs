using MediaNode.Contracts;

namespace SignalingService.Rooms;

/// <summary>The media nodes that this instance has heard of. Safe for use from several threads.</summary>
internal sealed class NodeTable(TimeProvider time)
{
    /// <summary>Nodes kept in mind; a platform has a handful. Past it the one silent for longest is forgotten.</summary>
    private const int Capacity = 1000;

    /// <summary>A node that this instance could not reach, or that refused a room, is not tried again for so long, whatever it says of itself.</summary>
    private static readonly TimeSpan AvoidFor = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Node> _nodes = [];
    private readonly long _started = time.GetTimestamp();

    public void Hear(NodeHeartbeat heartbeat)
    {
        lock (_lock)
        {
            var before = _nodes.GetValueOrDefault(heartbeat.NodeId);
            _nodes[heartbeat.NodeId] = new(heartbeat, time.GetTimestamp(), before?.UnreachableAt, before?.RefusedAt);
            if (_nodes.Count > Capacity)
                _nodes.Remove(_nodes.MinBy(node => node.Value.HeardAt).Key);
        }
    }

    /// <summary>The node said that it is full, or drains: it keeps its rooms and gets no new one for a while.</summary>
    public void MarkRefused(string nodeId)
    {
        lock (_lock)
        {
            if (_nodes.TryGetValue(nodeId, out var node))
                _nodes[nodeId] = node with { RefusedAt = time.GetTimestamp() };
        }
    }

    public void MarkUnreachable(string nodeId)
    {
        lock (_lock)
        {
            if (_nodes.TryGetValue(nodeId, out var node))
                _nodes[nodeId] = node with { UnreachableAt = time.GetTimestamp() };
        }
    }

    /// <summary>The node to put a new room on; null when there is none.</summary>
    /// <param name="except">A node that has just refused.</param>
    public NodeHeartbeat? LeastLoaded(string? except = null)
    {
        lock (_lock)
        {
            return HeardLast()
                .Where(node => !IsAvoided(node) && !HasRefused(node) && node.Last is { Draining: false, Load: < 1 } && node.Last.NodeId != except)
                .Select(node => node.Last)
                .OrderBy(node => node.Load).ThenBy(node => node.Rooms).ThenBy(node => node.NodeId, StringComparer.Ordinal)
                .FirstOrDefault();
        }
    }

    /// <summary>
    /// Rooms of a node that is gone are moved. A silent node counts as gone only while another one is heard: when all are silent, it is
    /// the broker that is away, and rooms with people in them must stay where they are. A node that was never heard of may have started a moment ago: whoever
    /// put the room on it has heard it, and this instance will.
    /// </summary>
    /// <param name="nodeId">The room's node.</param>
    /// <param name="assignedFor">Since when the room is its.</param>
    public bool IsGone(string nodeId, TimeSpan assignedFor)
    {
        lock (_lock)
        {
            var othersAreHeard = _nodes.Values.Any(IsFresh);
            return _nodes.TryGetValue(nodeId, out var node)
                ? IsAvoided(node) || !IsFresh(node) && othersAreHeard
                : othersAreHeard && assignedFor > NodeHeartbeat.FreshFor && time.GetElapsedTime(_started) > NodeHeartbeat.FreshFor;
        }
    }

    public int CountFresh()
    {
        lock (_lock)
            return _nodes.Values.Count(IsFresh);
    }

    /// <summary>
    /// The fresh nodes. When all are silent, the broker is away and those heard until then can still take rooms; one that is gone as well
    /// is found out when it is called, and avoided.
    /// </summary>
    private List<Node> HeardLast()
    {
        var fresh = _nodes.Values.Where(IsFresh).ToList();
        if (fresh.Count > 0 || _nodes.Count == 0)
            return fresh;
        var last = _nodes.Values.Max(node => node.HeardAt);
        return [.. _nodes.Values.Where(node => time.GetElapsedTime(node.HeardAt, last) <= NodeHeartbeat.FreshFor)];
    }

    /// <summary>By the time of arrival: the clocks of two machines differ.</summary>
    private bool IsFresh(Node node) => time.GetElapsedTime(node.HeardAt) <= NodeHeartbeat.FreshFor;

    private bool IsAvoided(Node node) => node.UnreachableAt is { } at && time.GetElapsedTime(at) <= AvoidFor;

    private bool HasRefused(Node node) => node.RefusedAt is { } at && time.GetElapsedTime(at) <= AvoidFor;

    private sealed record Node(NodeHeartbeat Last, long HeardAt, long? UnreachableAt, long? RefusedAt);
}
