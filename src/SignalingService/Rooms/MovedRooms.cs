using Npgsql;

namespace SignalingService.Rooms;

/// <summary>
/// Finds rooms that another instance has moved while this one has members in them: that one could not reach the node, this one can. PostgreSQL is asked rather than
/// the others listened to: a message may be lost, just when links are, and the row stays.
/// </summary>
internal sealed partial class MovedRooms(NodeLinks links, RoomAssignments assignments, ILogger<MovedRooms> logger) : BackgroundService
{
    /// <summary>For about so long a room may be in two halves. One query by primary key each time, for all rooms.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ticks = new PeriodicTimer(Interval);
        while (await ticks.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                foreach (var place in await assignments.FindMovedAsync(links.Rooms(), stoppingToken))
                {
                    LogMoved(place.RoomId, place.NodeId);
                    links.LoseOlder(place);
                }
            }
            catch (NpgsqlException problem)
            {
                // Without the database nobody can move a room either.
                LogNotLooked(problem.Message);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Another instance has moved room {RoomId} to media node {NodeId}; its members here join again")]
    private partial void LogMoved(string roomId, string nodeId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Moved rooms cannot be looked for now: {Problem}")]
    private partial void LogNotLooked(string problem);
}
