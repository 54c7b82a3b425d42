namespace MediaNode.Transport;

/// <summary>
/// Which worker has which room. Any thread claims a worker for a room, but only the worker knows when the room is there and when it has ended: so a room
/// stays where it is while a join is under way to its worker, even if it ends meanwhile and the join opens it anew.
/// </summary>
/// <typeparam name="TWorker">The worker; the table only names it.</typeparam>
internal sealed class RoomPlacements<TWorker> where TWorker : class
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Placement> _rooms = [];

    public int Count
    {
        get
        {
            lock (_lock)
                return _rooms.Count;
        }
    }

    public TWorker? Find(string roomId)
    {
        lock (_lock)
            return _rooms.GetValueOrDefault(roomId)?.Worker;
    }

    /// <summary>The worker that has the room, or the one chosen for it. To be followed by <see cref="Settle"/>, or <see cref="GiveBack"/>.</summary>
    public TWorker Claim(string roomId, Func<TWorker> choose)
    {
        lock (_lock)
        {
            if (!_rooms.TryGetValue(roomId, out var placement))
                _rooms.Add(roomId, placement = new(choose()));
            placement.Claims++;
            return placement.Worker;
        }
    }

    /// <summary>The join has run. On the worker's thread.</summary>
    /// <param name="roomId">The room.</param>
    /// <param name="isOpen">It is there now: the join may have failed, or found it or opened it.</param>
    public void Settle(string roomId, bool isOpen)
    {
        lock (_lock)
        {
            _rooms[roomId].IsOpen = isOpen;
            GiveBackClaim(roomId);
        }
    }

    /// <summary>The join could not be handed to the worker.</summary>
    public void GiveBack(string roomId)
    {
        lock (_lock)
            GiveBackClaim(roomId);
    }

    /// <summary>The room has ended, and has not been opened again since. On the worker's thread.</summary>
    public void End(string roomId)
    {
        lock (_lock)
        {
            if (!_rooms.TryGetValue(roomId, out var placement))
                return;
            placement.IsOpen = false;
            RemoveUnused(roomId, placement);
        }
    }

    private void GiveBackClaim(string roomId)
    {
        var placement = _rooms[roomId];
        placement.Claims--;
        RemoveUnused(roomId, placement);
    }

    private void RemoveUnused(string roomId, Placement placement)
    {
        if (!placement.IsOpen && placement.Claims == 0)
            _rooms.Remove(roomId);
    }

    private sealed class Placement(TWorker worker)
    {
        public TWorker Worker => worker;

        /// <summary>Joins under way to the worker.</summary>
        public int Claims { get; set; }

        public bool IsOpen { get; set; }
    }
}
