using System.Collections.Concurrent;
using System.Threading.Channels;
using Grpc.Core;
using MediaNode.Contracts;
using MediaNode.Control.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SignalingService.IntegrationTests.Fixtures;

/// <summary>Speaks the control protocol as a media node does, keeps rooms, and has no media.</summary>
internal sealed class RecordedNode : MediaControl.MediaControlBase, IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Room, ulong Id), (Participant Participant, string Instance)> _participants = [];
    private readonly Dictionary<string, ulong> _sequences = [];
    private readonly ConcurrentDictionary<string, Channel<RoomEvent>> _watchers = new();
    private WebApplication? _app;

    public string Id { get; } = Guid.NewGuid().ToString("N");
    public string Address => _app!.Urls.Single();
    public ConcurrentQueue<JoinRequest> Joins { get; } = new();
    public ConcurrentQueue<LeaveRequest> Leaves { get; } = new();

    /// <summary>Why it takes no room; null when it does.</summary>
    public string? Full { get; set; }

    /// <summary>Called before it ends.</summary>
    public Action? Ending { get; set; }
    public NodeHeartbeat Heartbeat => new(Id, Id, Address, DateTimeOffset.UtcNow, 0, 0, 0, false);

    public static async Task<RecordedNode> StartAsync()
    {
        var node = new RecordedNode();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrlsOnLoopback();
        builder.WebHost.ConfigureKestrelHttp2();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(node);
        node._app = builder.Build();
        node._app.MapGrpcService<RecordedNode>();
        await node._app.StartAsync();
        return node;
    }

    public override Task<JoinReply> Join(JoinRequest request, ServerCallContext context)
    {
        lock (_lock)
        {
            if (Full is { } reason)
                throw new RpcException(new(StatusCode.ResourceExhausted, reason), [new("limit-of", "node")]);
            var (room, key) = (request.Room, (request.Room.RoomId, request.ParticipantId));
            if (request.Settings.MaximumParticipants is > 0 and var limit && !_participants.ContainsKey(key)
                && _participants.Keys.Count(participant => participant.Room == room.RoomId) >= limit)
                throw new RpcException(new(StatusCode.ResourceExhausted, $"{limit} participants"));
            Joins.Enqueue(request);
            if (_participants.TryGetValue(key, out var ghost))
                Raise(room, new() { ParticipantLeft = new() { ParticipantId = request.ParticipantId, Reason = "replaced", InstanceId = ghost.Instance } });
            _participants[key] = (new() { Id = request.ParticipantId, Display = request.Display }, request.InstanceId);
            Raise(room, new() { ParticipantJoined = new() { Participant = _participants[key].Participant } });
            var reply = new JoinReply { Sequence = _sequences[room.RoomId] };
            reply.Publishers.AddRange(_participants
                .Where(other => other.Key.Room == room.RoomId && other.Value.Participant.Publishing && other.Key.Id != request.ParticipantId)
                .Select(other => new Publisher { Id = other.Key.Id, Display = other.Value.Participant.Display }));
            return Task.FromResult(reply);
        }
    }

    public override Task<LeaveReply> Leave(LeaveRequest request, ServerCallContext context)
    {
        lock (_lock)
        {
            Leaves.Enqueue(request);
            var key = (request.Room.RoomId, request.ParticipantId);
            if (_participants.TryGetValue(key, out var participant) && participant.Instance == request.InstanceId)
            {
                _participants.Remove(key);
                if (participant.Participant.Publishing)
                    Raise(request.Room, new() { PublisherGone = new() { ParticipantId = request.ParticipantId } });
                Raise(request.Room, new() { ParticipantLeft = new() { ParticipantId = request.ParticipantId, Reason = "left", InstanceId = request.InstanceId } });
            }
            return Task.FromResult(new LeaveReply());
        }
    }

    public override Task<PublishReply> Publish(PublishRequest request, ServerCallContext context)
    {
        lock (_lock)
        {
            var participant = _participants[(request.Room.RoomId, request.ParticipantId)].Participant;
            participant.Publishing = true;
            Raise(request.Room, new() { PeerConnected = new() { PeerId = request.PeerId, ParticipantId = participant.Id } });
            Raise(request.Room, new() { PublisherReady = new() { Publisher = new() { Id = participant.Id, Display = participant.Display } } });
        }
        return Task.FromResult(new PublishReply { SdpAnswer = "v=0 answer", Streams = { new MediaNode.Control.V1.Stream { Kind = MediaNode.Control.V1.Stream.Types.Kind.Audio, Codec = "opus" } } });
    }

    public override Task<SubscribeReply> Subscribe(SubscribeRequest request, ServerCallContext context)
    {
        var reply = new SubscribeReply { SdpOffer = "v=0 offer" };
        reply.Streams.AddRange(request.Streams.Select(stream => new SubscribedStream
        {
            Stream = new() { Kind = MediaNode.Control.V1.Stream.Types.Kind.Audio, Mid = "0", Codec = "opus" },
            PublisherId = stream.PublisherId,
            Active = true,
        }));
        return Task.FromResult(reply);
    }

    public override Task<AnswerReply> Answer(AnswerRequest request, ServerCallContext context)
    {
        lock (_lock)
            Raise(request.Room, new() { PeerConnected = new() { PeerId = request.PeerId } });
        return Task.FromResult(new AnswerReply());
    }

    public override Task<ClosePeerReply> ClosePeer(ClosePeerRequest request, ServerCallContext context) => Task.FromResult(new ClosePeerReply());

    public override Task<ListParticipantsReply> ListParticipants(ListParticipantsRequest request, ServerCallContext context)
    {
        lock (_lock)
        {
            var reply = new ListParticipantsReply();
            reply.Participants.AddRange(_participants.Where(entry => entry.Key.Room == request.Room.RoomId).Select(entry => entry.Value.Participant));
            return Task.FromResult(reply);
        }
    }

    public override async Task Watch(WatchRequest request, IServerStreamWriter<RoomEvent> responseStream, ServerCallContext context)
    {
        var events = _watchers[request.InstanceId] = Channel.CreateUnbounded<RoomEvent>();
        events.Writer.TryWrite(new() { WatchStarted = new() { NodeId = Id } });
        await foreach (var roomEvent in events.Reader.ReadAllAsync(context.CancellationToken))
            await responseStream.WriteAsync(roomEvent, context.CancellationToken);
    }

    /// <summary>Ends all event streams, as a network fault does.</summary>
    public void BreakStreams()
    {
        foreach (var watcher in _watchers.Values)
            watcher.Writer.TryComplete();
    }

    /// <summary>The process is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        Ending?.Invoke();
        BreakStreams();
        if (_app is { } app)
        {
            using var now = new CancellationTokenSource(TimeSpan.Zero);
            await app.StopAsync(now.Token);
            await app.DisposeAsync();
        }
    }

    private void Raise(RoomReference room, RoomEvent roomEvent)
    {
        roomEvent.RoomId = room.RoomId;
        roomEvent.Epoch = room.Epoch;
        roomEvent.Sequence = _sequences[room.RoomId] = _sequences.GetValueOrDefault(room.RoomId) + 1;
        foreach (var watcher in _watchers.Values)
            watcher.Writer.TryWrite(roomEvent);
    }
}
