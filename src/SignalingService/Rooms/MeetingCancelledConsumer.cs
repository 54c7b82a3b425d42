using Grpc.Core;
using Grpc.Net.Client;
using MassTransit;
using MediaNode.Control.V1;
using MeetingService.Contracts;

namespace SignalingService.Rooms;

/// <summary>A meeting was deleted: its room ends for everybody. Any one instance does it; the others hear of it from the node.</summary>
internal sealed class MeetingCancelledConsumer(RoomAssignments assignments) : IConsumer<MeetingCancelled>
{
    public async Task Consume(ConsumeContext<MeetingCancelled> context)
    {
        var roomId = context.Message.Meeting.MeetingId;
        if (await assignments.FindAsync(roomId, context.CancellationToken) is not { } place)
            return;
        using var channel = GrpcChannel.ForAddress(place.ControlAddress);
        try
        {
            await new MediaControl.MediaControlClient(channel).CloseRoomAsync(
                new() { Room = new() { RoomId = roomId, Epoch = place.Epoch }, Reason = "meeting-deleted" },
                deadline: DateTime.UtcNow + NodeLink.CallTimeout,
                cancellationToken: context.CancellationToken);
        }
        catch (RpcException gone) when (gone.StatusCode is StatusCode.NotFound or StatusCode.Unavailable)
        {
            // Then the room has ended with its node, or by itself.
        }
        await assignments.ReleaseAsync(roomId, place.Epoch, context.CancellationToken);
    }
}
