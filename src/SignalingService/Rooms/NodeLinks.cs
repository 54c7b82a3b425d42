using Npgsql;
using SignalingService.Sessions;

namespace SignalingService.Rooms;

/// <summary>One link per node on which this instance has members. Safe for use from several threads.</summary>
internal sealed partial class NodeLinks(SignalingInstance instance, NodeTable nodes, RoomAssignments assignments, ILogger<NodeLinks> logger) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, NodeLink> _links = [];

    /// <summary>Registers a member at its room's node and waits until events flow from there.</summary>
    /// <returns>Null when the node turned out to be gone.</returns>
    public async Task<RoomMember?> TakeSeatAsync(RoomPlace place, ulong? participantId, IRoomListener listener, HandleAddress address)
    {
        var seat = new RoomSeat(place.RoomId, place.NodeId, place.Epoch, participantId);
        var member = Add(place, link => new(listener, address, seat, link));
        LoseOlder(place);
        return await member.Link.Ready ? member : null;
    }

    public void GiveBack(RoomMember member)
    {
        lock (_lock)
        {
            if (!member.Link.Register.RemoveAndCloseIfEmpty(member))
                return;
            Forget(member.Link);
        }
        member.Link.Dispose();
    }

    /// <summary>The rooms that this instance has members in, each with the earliest epoch of theirs.</summary>
    public IReadOnlyList<(string RoomId, ulong Epoch)> Rooms()
    {
        List<NodeLink> links;
        lock (_lock)
            links = [.. _links.Values];
        return [.. links
            .SelectMany(link => link.Register.Rooms().SelectMany(link.Register.InRoom))
            .GroupBy(member => member.Seat.RoomId, (room, members) => (room, members.Min(member => member.Seat.Epoch)))];
    }

    /// <summary>The room has moved: members who still sit in its earlier epoch learn it now, not only when their node is found dead.</summary>
    public void LoseOlder(RoomPlace place)
    {
        List<RoomMember> older;
        lock (_lock)
            older = [.. _links.Values.SelectMany(link => link.Register.InRoom(place.RoomId)).Where(member => member.Seat.Epoch < place.Epoch)];
        foreach (var member in older)
            member.Listener.HearNodeLost(member.Address, member.Seat);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var link in _links.Values)
                link.Dispose();
            _links.Clear();
        }
    }

    private RoomMember Add(RoomPlace place, Func<NodeLink, RoomMember> make)
    {
        lock (_lock)
        {
            if (_links.TryGetValue(place.NodeId, out var link) && make(link) is var member && link.Register.TryAdd(member))
                return member;
            link = _links[place.NodeId] = new(place.NodeId, place.ControlAddress, instance.Id, Lose, Release, logger);
            link.Start();
            member = make(link);
            link.Register.TryAdd(member);
            return member;
        }
    }

    private void Lose(NodeLink link)
    {
        nodes.MarkUnreachable(link.NodeId);
        lock (_lock)
            Forget(link);
    }

    private void Forget(NodeLink link)
    {
        if (_links.TryGetValue(link.NodeId, out var current) && ReferenceEquals(current, link))
            _links.Remove(link.NodeId);
    }

    private void Release(string roomId, ulong epoch) => _ = ReleaseAsync(roomId, epoch);

    private async Task ReleaseAsync(string roomId, ulong epoch)
    {
        try
        {
            await assignments.ReleaseAsync(roomId, epoch, CancellationToken.None);
        }
        catch (NpgsqlException problem)
        {
            // The row stays; it is used or moved when somebody joins again.
            LogNotReleased(roomId, problem.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The assignment of room {RoomId} could not be removed: {Problem}")]
    private partial void LogNotReleased(string roomId, string problem);
}
