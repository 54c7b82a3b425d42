using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>The rooms of one engine, each under the epoch of its assignment to this node.</summary>
internal sealed class RoomTable(int maximumRooms, Queue<RoomEvent> events)
{
    /// <summary>Empty rooms are looked for this often, and not by a timer each: they are in no hurry.</summary>
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, Room> _rooms = [];
    private readonly List<Room> _empty = [];

    public Instant NextTimeout { get; private set; } = Instant.Never;

    public bool Contains(string id) => _rooms.ContainsKey(id);

    public bool TryFind(string id, ulong epoch, out Room room, out CommandFailure failure)
    {
        failure = null!;
        if (!_rooms.TryGetValue(id, out room!))
            failure = CommandFailure.NotFound($"no room {id} on this node");
        else if (epoch < room.Epoch)
            failure = Stale(id, epoch, room.Epoch);
        else if (epoch > room.Epoch)
            failure = CommandFailure.NotFound($"room {id} has not been opened under epoch {epoch} yet: join first");
        return failure is null;
    }

    /// <summary>Finds the room or makes it. A newer epoch means that the room was elsewhere in between: what is left of it here ends.</summary>
    public bool TryOpen(string id, ulong epoch, RoomLimits limits, Instant now, out Room room, out CommandFailure failure)
    {
        failure = null!;
        if (_rooms.TryGetValue(id, out room!))
        {
            if (epoch < room.Epoch)
            {
                failure = Stale(id, epoch, room.Epoch);
                return false;
            }
            if (epoch == room.Epoch)
            {
                room.Limits = limits;
                return true;
            }
            Close(room, "reassigned", now);
        }
        if (_rooms.Count >= maximumRooms)
        {
            failure = CommandFailure.NodeFull($"the worker has its {maximumRooms} rooms");
            return false;
        }
        room = new(id, epoch, limits, events) { EmptySince = now };
        _rooms.Add(id, room);
        NextTimeout = Instant.Min(NextTimeout, now + SweepInterval);
        return true;
    }

    public void Close(Room room, string reason, Instant now)
    {
        var instances = room.Participants.Select(participant => participant.Instance).Concat(room.Watchers.Select(watcher => watcher.Instance)).ToHashSet();
        if (instances.Count == 0 && room.LastInstance is { } last)
            instances.Add(last);
        foreach (var participant in room.Participants.ToList())
            Departure.Leave(participant, "removed", now);
        foreach (var watcher in room.Watchers.ToList())
            watcher.Close("room-closed", now);
        _rooms.Remove(room.Id);
        room.AnnounceTo(instances, new RoomClosed(reason));
    }

    public void HandleTimeout(Instant now, TimeSpan emptyTimeout)
    {
        if (now < NextTimeout)
            return;
        _empty.Clear();
        foreach (var room in _rooms.Values)
        {
            if (room.EmptySince != Instant.Never && now - room.EmptySince >= emptyTimeout)
                _empty.Add(room);
        }
        foreach (var room in _empty)
            Close(room, "empty", now);
        NextTimeout = _rooms.Count == 0 ? Instant.Never : now + SweepInterval;
    }

    public void CopyTo(List<Room> list) => list.AddRange(_rooms.Values);

    public (int Removed, int Remaining) RemoveOrphans(string instance, Instant now)
    {
        var removed = 0;
        var remaining = 0;
        foreach (var room in _rooms.Values)
        {
            foreach (var participant in room.Participants.Where(participant => participant.Instance == instance).ToList())
            {
                if (participant.HasConnectedPeer)
                {
                    remaining++;
                    continue;
                }
                Departure.Leave(participant, "timeout", now);
                removed++;
            }
            remaining += room.Watchers.Count(watcher => watcher.Instance == instance);
        }
        return (removed, remaining);
    }

    private static CommandFailure Stale(string id, ulong asked, ulong current) =>
        new(CommandFailureKind.StaleEpoch, $"room {id} is at epoch {current}, the command is of epoch {asked}");
}
