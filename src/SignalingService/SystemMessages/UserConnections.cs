namespace SignalingService.SystemMessages;

/// <summary>Who is connected to this instance. Safe for use from several threads.</summary>
internal sealed class UserConnections(int connectionsPerUser)
{
    private readonly Lock _lock = new();

    /// <summary>Bounded by the instance's connections. A user's are in the order of their arrival.</summary>
    private readonly Dictionary<(long ApplicationId, long UserId), List<SystemMessageConnection>> _users = [];

    /// <returns>The user's oldest connection, when it has to make room.</returns>
    public SystemMessageConnection? Add(long applicationId, long userId, SystemMessageConnection connection)
    {
        lock (_lock)
        {
            if (!_users.TryGetValue((applicationId, userId), out var connections))
                _users[(applicationId, userId)] = connections = [];
            connections.Add(connection);
            if (connections.Count <= connectionsPerUser)
                return null;
            var oldest = connections[0];
            connections.RemoveAt(0);
            return oldest;
        }
    }

    public void Remove(long applicationId, long userId, SystemMessageConnection connection)
    {
        lock (_lock)
        {
            if (_users.TryGetValue((applicationId, userId), out var connections) && connections.Remove(connection) && connections.Count == 0)
                _users.Remove((applicationId, userId));
        }
    }

    public IReadOnlyList<SystemMessageConnection> Of(long applicationId, long userId)
    {
        lock (_lock)
            return _users.TryGetValue((applicationId, userId), out var connections) ? [.. connections] : [];
    }
}
