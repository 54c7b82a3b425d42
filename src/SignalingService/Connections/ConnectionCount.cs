namespace SignalingService.Connections;

/// <summary>The WebSockets of this instance.</summary>
internal sealed class ConnectionCount
{
    private int _open;

    /// <returns>Dispose it when the connection has ended; null when there are as many as may be.</returns>
    public IDisposable? TryEnter(int maximum)
    {
        if (Interlocked.Increment(ref _open) <= maximum)
            return new Place(this);
        Interlocked.Decrement(ref _open);
        return null;
    }

    private sealed class Place(ConnectionCount count) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref count._open);
    }
}
