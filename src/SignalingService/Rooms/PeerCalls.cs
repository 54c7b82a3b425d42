using Grpc.Core;
using MediaNode.Control.V1;
using SignalingService.Sessions;

namespace SignalingService.Rooms;

/// <summary>Calls about one peer, to the node of its seat.</summary>
internal sealed class PeerCalls(RoomSeats seats, SignalingInstance instance)
{
    private static readonly Refusal Lost = new(RoomError.Unknown, "media node lost; join again");

    public Task PublishAsync(PublishPeer command)
    {
        command.Request.Room = command.Seat.Reference;
        command.Request.PeerId = command.PeerId;
        return CallAsync(command, isNew: true, (client, options) => client.PublishAsync(command.Request, options));
    }

    public Task SubscribeAsync(SubscribePeer command)
    {
        command.Request.Room = command.Seat.Reference;
        command.Request.PeerId = command.PeerId;
        command.Request.InstanceId = instance.Id;
        return CallAsync(command, isNew: true, (client, options) => client.SubscribeAsync(command.Request, options));
    }

    public Task UpdateAsync(UpdatePeer command)
    {
        command.Request.Room = command.Seat.Reference;
        return CallAsync(command, isNew: false, (client, options) => client.UpdateSubscriptionAsync(command.Request, options));
    }

    public Task AnswerAsync(AnswerPeer command)
    {
        command.Request.Room = command.Seat.Reference;
        return CallAsync(command, isNew: false, (client, options) => client.AnswerAsync(command.Request, options));
    }

    public Task ConfigureAsync(ConfigurePeer command)
    {
        command.Request.Room = command.Seat.Reference;
        return CallAsync(command, isNew: false, (client, options) => client.ConfigureAsync(command.Request, options));
    }

    public Task CloseAsync(ClosePeer command)
    {
        command.Request.Room = command.Seat.Reference;
        seats.Find(command.Seat)?.Link.Register.Disown(command.PeerId);
        return CallAsync(command, isNew: false, (client, options) => client.ClosePeerAsync(command.Request, options));
    }

    private async Task CallAsync<TRequest, TReply>(
        PeerCommand<TRequest, TReply> command,
        bool isNew,
        Func<MediaControl.MediaControlClient, CallOptions, AsyncUnaryCall<TReply>> call)
        where TReply : class
    {
        if (seats.Find(command.Seat) is not { Link.IsLost: false } member)
        {
            command.Refuse(Lost);
            return;
        }
        // Before the call: the peer may be connected before its reply is here.
        if (isNew)
            member.Link.Register.Own(command.PeerId, member);
        try
        {
            command.Complete(await call(member.Link.Client, new(deadline: DateTime.UtcNow + NodeLink.CallTimeout)));
        }
        catch (RpcException problem)
        {
            command.Refuse(NodeRefusals.Of(command, problem));
            if (problem.StatusCode == StatusCode.FailedPrecondition)
                member.Listener.HearNodeLost(member.Address, member.Seat);
        }
        catch (ObjectDisposedException)
        {
            command.Refuse(Lost);
        }
    }
}
