using Grpc.Core;
using SignalingService.Sessions;

namespace SignalingService.Rooms;

/// <summary>What a node's refusal is in the words of the VideoRoom plugin.</summary>
internal static class NodeRefusals
{
    /// <summary>It is the node that takes no room, and another one may: it drains or stops, or is full (a full room says the same without the trailer).</summary>
    public static bool IsOfNode(RpcException problem) =>
        problem.StatusCode == StatusCode.Unavailable
        || (problem.StatusCode == StatusCode.ResourceExhausted && problem.Trailers.GetValue("limit-of") == "node");

    public static Refusal Of(Command command, RpcException problem) => problem.StatusCode switch
    {
        StatusCode.InvalidArgument when command is PublishPeer or AnswerPeer => new(RoomError.InvalidSdp, $"Invalid SDP ({problem.Status.Detail})"),
        StatusCode.InvalidArgument => new(RoomError.InvalidElement, $"Invalid element ({problem.Status.Detail})"),
        StatusCode.NotFound when command is SubscribePeer or UpdatePeer => new(RoomError.NoSuchFeed, $"No such feed ({problem.Status.Detail})"),
        StatusCode.NotFound when command is PublishPeer => new(RoomError.JoinFirst, $"Not in the room any more ({problem.Status.Detail})"),
        StatusCode.NotFound => new(RoomError.NotPublished, $"No such PeerConnection ({problem.Status.Detail})"),
        StatusCode.ResourceExhausted when command is EnterRoom => new(RoomError.RoomFull, $"The room is full ({problem.Status.Detail})"),
        StatusCode.ResourceExhausted => new(RoomError.Unknown, $"A limit of the media node is reached ({problem.Status.Detail})"),
        StatusCode.FailedPrecondition => new(RoomError.Unknown, "media node lost; join again"),
        StatusCode.DeadlineExceeded => new(RoomError.Unknown, $"The media node did not answer within {NodeLink.CallTimeout.TotalSeconds:0} s"),
        StatusCode.Unavailable => new(RoomError.Unknown, "The media node cannot be reached now"),
        _ => new(RoomError.Unknown, $"The media node failed ({problem.StatusCode})"),
    };
}
