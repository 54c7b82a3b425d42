using Npgsql;

namespace SignalingService.Rooms;

/// <param name="Epoch">Fencing token: higher with every assignment, so that a node refuses whoever still believes in an older one.</param>
internal sealed record RoomPlace(string RoomId, string NodeId, string ControlAddress, ulong Epoch);

/// <summary>Which node has which room: rows in PostgreSQL that any instance may make or move, the first one winning.</summary>
internal sealed class RoomAssignments(NpgsqlDataSource database, NodeTable nodes)
{
    /// <summary>Each lost race means that somebody else has made progress; more than a few in a row do not happen.</summary>
    private const int Attempts = 5;

    /// <summary>The room's place, made or moved when needed; null when there is no node to put it on.</summary>
    /// <param name="refusedBy">A node that has just told to take another one.</param>
    public async Task<RoomPlace?> LocateAsync(string roomId, string? refusedBy, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var assigned = await FindAssignedAsync(roomId, cancellationToken);
            if (assigned is var (current, age) && current.NodeId != refusedBy && !nodes.IsGone(current.NodeId, age))
                return current;
            if (nodes.LeastLoaded(except: refusedBy) is not { } node)
                return null;
            var taken = assigned is null
                ? await InsertAsync(roomId, node.NodeId, node.ControlAddress, cancellationToken)
                : await MoveAsync(assigned.Place, node.NodeId, node.ControlAddress, cancellationToken);
            if (taken is not null)
                return taken;
        }
        return await FindAsync(roomId, cancellationToken);
    }

    public async Task<RoomPlace?> FindAsync(string roomId, CancellationToken cancellationToken) => (await FindAssignedAsync(roomId, cancellationToken))?.Place;

    /// <summary>Those that have been assigned anew since.</summary>
    /// <param name="rooms">Each with the epoch that the caller knows, no room twice.</param>
    public async Task<IReadOnlyList<RoomPlace>> FindMovedAsync(IReadOnlyList<(string RoomId, ulong Epoch)> rooms, CancellationToken cancellationToken)
    {
        if (rooms.Count == 0)
            return [];
        await using var command = database.CreateCommand(
            """
            select latest.node_id, latest.control_address, latest.epoch, latest.room_id from unnest($1::text[], $2::bigint[]) as known (room_id, epoch)
            join signaling.room_assignment as latest on latest.room_id = known.room_id and latest.epoch > known.epoch
            """);
        command.Parameters.Add(new() { Value = rooms.Select(room => room.RoomId).ToArray() });
        command.Parameters.Add(new() { Value = rooms.Select(room => (long)room.Epoch).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var moved = new List<RoomPlace>();
        while (await reader.ReadAsync(cancellationToken))
            moved.Add(Place(reader, reader.GetString(3)));
        return moved;
    }

    /// <summary>The room has ended. Does nothing when it has been assigned anew since.</summary>
    public async Task ReleaseAsync(string roomId, ulong epoch, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("delete from signaling.room_assignment where room_id = $1 and epoch = $2");
        command.Parameters.Add(new() { Value = roomId });
        command.Parameters.Add(new() { Value = (long)epoch });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<Assigned?> FindAssignedAsync(string roomId, CancellationToken cancellationToken)
    {
        // The age by one clock: those of two machines differ.
        await using var command = database.CreateCommand(
            "select node_id, control_address, epoch, greatest(now() - assigned_at, interval '0') from signaling.room_assignment where room_id = $1");
        command.Parameters.Add(new() { Value = roomId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? new(Place(reader, roomId), reader.GetTimeSpan(3)) : null;
    }

    private async Task<RoomPlace?> InsertAsync(string roomId, string nodeId, string address, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            insert into signaling.room_assignment (room_id, node_id, control_address, epoch)
            values ($1, $2, $3, nextval('signaling.room_epoch')) on conflict do nothing returning node_id, control_address, epoch
            """);
        command.Parameters.Add(new() { Value = roomId });
        command.Parameters.Add(new() { Value = nodeId });
        command.Parameters.Add(new() { Value = address });
        return await ReadAsync(command, roomId, cancellationToken);
    }

    private async Task<RoomPlace?> MoveAsync(RoomPlace old, string nodeId, string address, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            update signaling.room_assignment
            set node_id = $1, control_address = $2, epoch = nextval('signaling.room_epoch'), assigned_at = now()
            where room_id = $3 and epoch = $4 returning node_id, control_address, epoch
            """);
        command.Parameters.Add(new() { Value = nodeId });
        command.Parameters.Add(new() { Value = address });
        command.Parameters.Add(new() { Value = old.RoomId });
        command.Parameters.Add(new() { Value = (long)old.Epoch });
        return await ReadAsync(command, old.RoomId, cancellationToken);
    }

    private static async Task<RoomPlace?> ReadAsync(NpgsqlCommand command, string roomId, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Place(reader, roomId) : null;
    }

    private static RoomPlace Place(NpgsqlDataReader reader, string roomId) => new(roomId, reader.GetString(0), reader.GetString(1), (ulong)reader.GetInt64(2));

    /// <param name="Place">Where the room is.</param>
    /// <param name="Age">Since when.</param>
    private sealed record Assigned(RoomPlace Place, TimeSpan Age);
}
