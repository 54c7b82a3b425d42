namespace SignalingService.SystemMessages;

/// <summary>The last so many keys: a broker delivers a message again when it did not hear that it was taken. Safe for use from several threads.</summary>
internal sealed class RecentIds<TKey>(int capacity)
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly HashSet<TKey> _known = [];
    private readonly Queue<TKey> _order = new();

    /// <returns>False when it is known already.</returns>
    public bool TryAdd(TKey key)
    {
        lock (_lock)
        {
            if (!_known.Add(key))
                return false;
            _order.Enqueue(key);
            if (_order.Count > capacity)
                _known.Remove(_order.Dequeue());
            return true;
        }
    }
}
