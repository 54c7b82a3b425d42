using Grpc.Core;
using MediaNode.Admission;
using MediaNode.Control.V1;
using MediaNode.Core.Forwarding;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;
using MediaNode.Telemetry;
using MediaNode.Transport;

namespace MediaNode.Control;

/// <summary>The gRPC face of the node: each call becomes one command on the thread of the worker that has the room.</summary>
internal sealed class MediaControlService(WorkerPool workers, EventHub events, NodeState node, LoadMonitor load, Drain drain, StatisticsFeed statistics)
    : MediaControl.MediaControlBase
{
    /// <summary>Longest id, name or reason that is accepted, in characters.</summary>
    private const int MaximumText = 256;

    public override async Task<JoinReply> Join(JoinRequest request, ServerCallContext context)
    {
        Require(request.ParticipantId != 0, "participant_id must not be 0");
        RequireText(request.InstanceId, "instance_id");
        Require(request.Display.Length <= MaximumText, "display is longer than 256 characters");
        var room = Room(request.Room);
        var limits = ProtoMapping.ToLimits(request.Settings ?? new());
        var worker = workers.Find(room.RoomId);
        if (worker is null)
            AdmitRoom();
        var refusal = worker is null ? null : load.RefusePerson(worker);
        var joined = await ResultAsync(workers.JoinAsync(
            room.RoomId,
            (engine, now) => engine.Join(room.RoomId, room.Epoch, request.ParticipantId, request.Display, request.InstanceId, limits, now, refusal)));
        var reply = new JoinReply { Sequence = joined.Sequence };
        reply.Publishers.AddRange(joined.Publishers.Select(ProtoMapping.ToProto));
        return reply;
    }

    public override async Task<LeaveReply> Leave(LeaveRequest request, ServerCallContext context)
    {
        var room = Room(request.Room);
        if (workers.Find(room.RoomId) is { } worker)
        {
            var instance = request.InstanceId.Length == 0 ? null : request.InstanceId;
            await InvokeAsync(worker, (engine, now) => engine.Leave(room.RoomId, room.Epoch, request.ParticipantId, instance, now));
        }
        return new();
    }

    public override async Task<PublishReply> Publish(PublishRequest request, ServerCallContext context)
    {
        Require(request.PeerId != 0, "peer_id must not be 0");
        var refusal = RefusePeer(request.Room);
        var codecs = ProtoMapping.ToCodecs(request.Codecs);
        var published = await InvokeAsync(
            request.Room,
            (engine, room, now) => engine.Publish(
                room.RoomId, room.Epoch, request.ParticipantId, request.PeerId, request.SdpOffer, request.HasBitrateBps ? request.BitrateBps : null, now, codecs, refusal));
        var reply = new PublishReply { SdpAnswer = published.SdpAnswer };
        reply.Streams.AddRange(published.Streams.Select(ProtoMapping.ToProto));
        return reply;
    }

    public override async Task<SubscribeReply> Subscribe(SubscribeRequest request, ServerCallContext context)
    {
        Require(request.PeerId != 0, "peer_id must not be 0");
        Require(request.Streams.Count > 0, "streams is empty");
        var refusal = RefusePeer(request.Room);
        var wanted = request.Streams.Select(ToSelector).ToList();
        return ToReply(await InvokeAsync(
            request.Room,
            (engine, room, now) => engine.Subscribe(room.RoomId, room.Epoch, request.ParticipantId, request.PeerId, wanted, request.InstanceId, now, refusal)));
    }

    public override async Task<SubscribeReply> UpdateSubscription(UpdateSubscriptionRequest request, ServerCallContext context)
    {
        var refusal = RefusePeer(request.Room);
        var added = request.Subscribe.Select(ToSelector).ToList();
        var removed = request.Unsubscribe.Select(mid => new StreamRemoval(mid.PublisherId, mid.Mid)).ToList();
        return ToReply(await InvokeAsync(
            request.Room,
            (engine, room, now) => engine.UpdateSubscription(room.RoomId, room.Epoch, request.PeerId, added, removed, request.Restart, now, refusal)));
    }

    public override async Task<AnswerReply> Answer(AnswerRequest request, ServerCallContext context)
    {
        await InvokeAsync(request.Room, (engine, room, now) => engine.Answer(room.RoomId, room.Epoch, request.PeerId, request.SdpAnswer, now));
        return new();
    }

    public override async Task<ConfigureReply> Configure(ConfigureRequest request, ServerCallContext context)
    {
        var configuration = new PeerConfiguration(
            [.. request.Streams.Select(stream => new DownTrackConfiguration(stream.Mid, stream.HasSend ? stream.Send : null, stream.ToLayerWish()))],
            request.HasBitrateBps ? request.BitrateBps : null,
            request.KeyFrame);
        await InvokeAsync(request.Room, (engine, room, now) => engine.Configure(room.RoomId, room.Epoch, request.PeerId, configuration, now));
        return new();
    }

    public override async Task<ClosePeerReply> ClosePeer(ClosePeerRequest request, ServerCallContext context)
    {
        var room = Room(request.Room);
        if (workers.Find(room.RoomId) is { } worker)
            await InvokeAsync(worker, (engine, now) => engine.ClosePeer(room.RoomId, room.Epoch, request.PeerId, now));
        return new();
    }

    public override async Task<ListParticipantsReply> ListParticipants(ListParticipantsRequest request, ServerCallContext context)
    {
        var reply = new ListParticipantsReply();
        var participants = await InvokeAsync(request.Room, (engine, room, _) => engine.ListParticipants(room.RoomId, room.Epoch));
        reply.Participants.AddRange(participants.Select(ProtoMapping.ToProto));
        return reply;
    }

    public override async Task<CloseRoomReply> CloseRoom(CloseRoomRequest request, ServerCallContext context)
    {
        var room = Room(request.Room);
        Require(request.Reason.Length <= MaximumText, "reason is longer than 256 characters");
        if (workers.Find(room.RoomId) is { } worker)
            await InvokeAsync(worker, (engine, now) => engine.CloseRoom(room.RoomId, room.Epoch, request.Reason, now));
        return new();
    }

    public override async Task Watch(WatchRequest request, IServerStreamWriter<V1.RoomEvent> responseStream, ServerCallContext context)
    {
        RequireText(request.InstanceId, "instance_id");
        var reader = events.Open(request.InstanceId);
        try
        {
            await responseStream.WriteAsync(new() { WatchStarted = new() { NodeId = node.NodeId } }, context.CancellationToken);
            // Ends with the call, and when the node stops: an open stream must not hold up the shutdown.
            using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, node.Stopping);
            await foreach (var roomEvent in reader.ReadAllAsync(end.Token))
                await responseStream.WriteAsync(roomEvent, context.CancellationToken);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The instance hung up, which is how every stream ends.
        }
        finally
        {
            events.Close(request.InstanceId, reader);
        }
    }

    public override Task Statistics(StatisticsRequest request, IServerStreamWriter<StatisticsReport> responseStream, ServerCallContext context)
    {
        Require(request.RoomId.Length <= MaximumText, "room_id is longer than 256 characters");
        Require(
            request.IntervalMs is 0 or >= StatisticsFeed.LeastMilliseconds and <= StatisticsFeed.MostMilliseconds,
            $"interval_ms must be {StatisticsFeed.LeastMilliseconds} to {StatisticsFeed.MostMilliseconds}");
        return statistics.RunAsync(request, responseStream, context.CancellationToken);
    }

    public override Task<DrainReply> Drain(DrainRequest request, ServerCallContext context)
    {
        Require(request.LimitSeconds <= Control.Drain.MaximumSeconds, $"limit_seconds must not be more than {Control.Drain.MaximumSeconds}");
        var limit = drain.Begin(request.HasLimitSeconds ? TimeSpan.FromSeconds(request.LimitSeconds) : null);
        return Task.FromResult(new DrainReply { Rooms = (uint)workers.RoomCount, Peers = (uint)workers.PeerCount, LimitSeconds = (uint)limit.TotalSeconds });
    }

    private static StreamWish ToSelector(StreamSelector selector) =>
        new(selector.PublisherId, selector.Mid.Length == 0 ? null : new Mid(selector.Mid), selector.ToLayerWish());

    private static SubscribeReply ToReply(Subscribed subscribed)
    {
        var reply = new SubscribeReply { SdpOffer = subscribed.SdpOffer ?? "" };
        reply.Streams.AddRange(subscribed.Streams.Select(ProtoMapping.ToProto));
        return reply;
    }

    private static RoomReference Room(RoomReference? room)
    {
        Require(room is not null, "room is missing");
        RequireText(room!.RoomId, "room.room_id");
        return room;
    }

    private static void RequireText(string text, string field) =>
        Require(text.Length is > 0 and <= MaximumText, $"{field} must have 1 to {MaximumText} characters");

    private static void Require(bool condition, string problem)
    {
        if (!condition)
            throw new RpcException(new(StatusCode.InvalidArgument, problem));
    }

    private void AdmitRoom()
    {
        if (node.IsDraining)
            throw new RpcException(new(StatusCode.Unavailable, "the node is draining: take another one"));
        if (load.RefuseRoom() is { } problem)
            throw Exception(CommandFailure.NodeFull(problem));
    }

    /// <summary>Why the node takes no new peer and no more streams; whether one is new, the engine knows.</summary>
    private string? RefusePeer(RoomReference? reference) => workers.Find(Room(reference).RoomId) is { } worker ? load.RefusePeer(worker) : null;

    /// <summary>The trailer tells a full node from a full room: another node may take what this one does not.</summary>
    private static RpcException Exception(CommandFailure failure) => new(
        new(StatusOf(failure.Kind), failure.Message), failure.Kind == CommandFailureKind.NodeFull ? [new("limit-of", "node")] : []);

    private Task<T> InvokeAsync<T>(RoomReference? reference, Func<MediaEngine, RoomReference, Instant, CommandResult<T>> command)
    {
        var room = Room(reference);
        var worker = workers.Find(room.RoomId) ?? throw new RpcException(new(StatusCode.NotFound, $"no room {room.RoomId} on this node"));
        return InvokeAsync(worker, (engine, now) => command(engine, room, now));
    }

    private static Task<T> InvokeAsync<T>(Worker worker, Func<MediaEngine, Instant, CommandResult<T>> command) => ResultAsync(worker.InvokeAsync(command));

    private static async Task<T> ResultAsync<T>(Task<CommandResult<T>> command)
    {
        try
        {
            var result = await command;
            return result.Failure is { } failure ? throw Exception(failure) : result.Value!;
        }
        catch (WorkerOverloadedException exception)
        {
            throw new RpcException(new(StatusCode.ResourceExhausted, exception.Message));
        }
    }

    private static StatusCode StatusOf(CommandFailureKind kind) => kind switch
    {
        CommandFailureKind.Invalid => StatusCode.InvalidArgument,
        CommandFailureKind.NotFound => StatusCode.NotFound,
        CommandFailureKind.StaleEpoch => StatusCode.FailedPrecondition,
        CommandFailureKind.AlreadyExists => StatusCode.AlreadyExists,
        _ => StatusCode.ResourceExhausted,
    };
}
