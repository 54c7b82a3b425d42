using Grpc.Core;
using Microsoft.Extensions.Options;
using Npgsql;
using SignalingService.Sessions;

namespace SignalingService.Rooms;

/// <summary>Into a room and out of it: finds the room's node, takes a seat there, and starts over elsewhere when the node turns out to be gone.</summary>
internal sealed partial class RoomEntrance(
    RoomAssignments assignments,
    NodeTable nodes,
    NodeLinks links,
    ParticipantGates gates,
    RoomSeats seats,
    SignalingInstance instance,
    IOptions<RoomOptions> options,
    ILogger<RoomEntrance> logger)
{
    /// <summary>Each round follows a node that is gone or refuses; three of them in a row is not bad luck any more.</summary>
    private const int Rounds = 3;

    private static readonly Refusal NoNode = new(RoomError.Unknown, "No media node is available");
    private static readonly Refusal NotReachable = new(RoomError.Unknown, "The room's media node cannot be reached; try again");
    private static readonly Refusal NoDatabase = new(RoomError.Unknown, "Rooms cannot be looked up now; try again");

    public Task EnterAsync(EnterRoom command, IRoomListener listener, HandleAddress address) =>
        TrySeatAsync(command, command.RoomId, known: null, command.ParticipantId, listener, address, async member =>
        {
            var request = new MediaNode.Control.V1.JoinRequest
            {
                Room = member.Seat.Reference,
                ParticipantId = command.ParticipantId,
                Display = command.Display ?? "",
                InstanceId = instance.Id,
                Settings = new()
                {
                    MaximumParticipants = options.Value.MaximumParticipants,
                    PublisherBitrateBps = options.Value.PublisherBitrate,
                    MaximumVideoStreams = options.Value.MaximumVideoStreams,
                    MaximumAudioStreams = options.Value.MaximumAudioStreams,
                    VideoCodecs = { options.Value.VideoCodecs.Split(',', StringSplitOptions.RemoveEmptyEntries) },
                },
            };
            var reply = await gates.JoinAsync(member.Seat, async () => await member.Link.Client.JoinAsync(request, deadline: Deadline));
            LogJoined(command.ParticipantId, command.RoomId, member.Link.NodeId);
            command.Complete(new(member.Seat, reply));
        });

    public Task WatchAsync(WatchRoom command, IRoomListener listener, HandleAddress address) =>
        TrySeatAsync(command, command.RoomId, PlaceOf(command.Beside), participantId: null, listener, address, member =>
        {
            command.Complete(member.Seat);
            return Task.CompletedTask;
        });

    public async Task LeaveAsync(LeaveRoom command)
    {
        if (seats.Take(command.Seat) is { } member)
        {
            if (!member.Link.IsLost)
                await TellNodeAsync(command, member);
            if (command.PeerId is { } peer)
                member.Link.Register.Disown(peer);
            links.GiveBack(member);
        }
        command.Complete(Done.Value);
    }

    public async Task ListAsync(ListRoom command, IRoomListener listener, HandleAddress address)
    {
        try
        {
            if (await assignments.FindAsync(command.RoomId, default) is not { } place)
            {
                command.Complete(new());
                return;
            }
            if (await links.TakeSeatAsync(place, null, listener, address) is not { } member)
            {
                command.Refuse(NotReachable);
                return;
            }
            try
            {
                command.Complete(await member.Link.Client.ListParticipantsAsync(new() { Room = member.Seat.Reference }, deadline: Deadline));
            }
            finally
            {
                links.GiveBack(member);
            }
        }
        catch (RpcException nobody) when (nobody.StatusCode == StatusCode.NotFound)
        {
            command.Complete(new());
        }
        catch (RpcException problem)
        {
            command.Refuse(NodeRefusals.Of(command, problem));
        }
        catch (NpgsqlException problem)
        {
            LogNoDatabase(problem.Message);
            command.Refuse(NoDatabase);
        }
    }

    private static DateTime Deadline => DateTime.UtcNow + NodeLink.CallTimeout;

    private async Task TrySeatAsync(
        Command command, string roomId, RoomPlace? known, ulong? participantId, IRoomListener listener, HandleAddress address, Func<RoomMember, Task> use)
    {
        string? refusedBy = null;
        var none = NoNode;
        try
        {
            for (var round = 0; round < Rounds; round++)
            {
                var place = round == 0 ? known : null;
                place ??= await assignments.LocateAsync(roomId, refusedBy, default);
                if (place is null)
                {
                    command.Refuse(none);
                    return;
                }
                if (await links.TakeSeatAsync(place, participantId, listener, address) is not { } member)
                    continue;
                seats.Add(member);
                try
                {
                    await use(member);
                    return;
                }
                catch (RpcException problem)
                {
                    seats.Take(member.Seat);
                    links.GiveBack(member);
                    var takesNone = NodeRefusals.IsOfNode(problem);
                    if (!takesNone && problem.StatusCode != StatusCode.FailedPrecondition)
                    {
                        command.Refuse(NodeRefusals.Of(command, problem));
                        return;
                    }
                    refusedBy = takesNone ? place.NodeId : null;
                    if (takesNone)
                    {
                        nodes.MarkRefused(place.NodeId);
                        none = new(RoomError.Unknown, $"No media node takes the room ({problem.Status.Detail})");
                    }
                    LogRefused(place.NodeId, roomId, place.Epoch, problem.StatusCode);
                }
            }
            command.Refuse(NotReachable);
        }
        catch (NpgsqlException problem)
        {
            LogNoDatabase(problem.Message);
            command.Refuse(NoDatabase);
        }
    }

    /// <summary>A room with somebody in it stays where it is, so those on a node need not ask the database where to find it.</summary>
    private RoomPlace? PlaceOf(RoomSeat? seat) =>
        seat is not null && seats.Find(seat) is { Link: { IsLost: false } link } ? new(seat.RoomId, link.NodeId, link.ControlAddress, seat.Epoch) : null;

    private async Task TellNodeAsync(LeaveRoom command, RoomMember member)
    {
        try
        {
            if (command.Seat.ParticipantId is { } participant)
                await gates.LeaveAsync(command.Seat, async () => await member.Link.Client.LeaveAsync(
                    new() { Room = command.Seat.Reference, ParticipantId = participant, InstanceId = instance.Id }, deadline: Deadline));
            else if (command.PeerId is { } peer)
                await member.Link.Client.ClosePeerAsync(new() { Room = command.Seat.Reference, PeerId = peer }, deadline: Deadline);
        }
        catch (Exception problem) when (problem is RpcException or ObjectDisposedException)
        {
            // The node finds out by itself: the peer's consent to receive runs out (RFC 7675).
            LogNotTold(member.Link.NodeId, command.Seat.RoomId, problem.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "user {UserId} joined room {RoomId} on media node {NodeId}")]
    private partial void LogJoined(ulong userId, string roomId, string nodeId);

    [LoggerMessage(Level = LogLevel.Information, Message = "Media node {NodeId} refused room {RoomId} in epoch {Epoch}: {Status}")]
    private partial void LogRefused(string nodeId, string roomId, ulong epoch, StatusCode status);

    [LoggerMessage(Level = LogLevel.Information, Message = "Media node {NodeId} could not be told of a leave in room {RoomId}: {Problem}")]
    private partial void LogNotTold(string nodeId, string roomId, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "Room assignments are out of reach: {Problem}")]
    private partial void LogNoDatabase(string problem);
}
