using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Net.Client;
using MediaNode.Control.V1;

namespace LoadGenerator.Signalling.Node;

/// <summary>Straight to one media node by gRPC, in the place of the signalling service: no database, no broker.</summary>
internal sealed class NodeSignalling : ISignalling
{
    /// <summary>Of the one signalling instance that this process plays; a process id keeps two generators apart.</summary>
    private static readonly string Instance = $"load-{Environment.ProcessId}";

    private readonly GrpcChannel _channel;
    private readonly MediaControl.MediaControlClient _node;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<(string Room, ulong Member), NodeMember> _members = new();
    private readonly string _roomPrefix = $"load-{Guid.NewGuid():N}"[..13];
    private Task _watching = Task.CompletedTask;
    private long _lastId;

    private NodeSignalling(Uri server)
    {
        _channel = GrpcChannel.ForAddress(server);
        _node = new(_channel);
    }

    /// <param name="server">Where the node takes commands.</param>
    public static async Task<NodeSignalling> ConnectAsync(Uri server)
    {
        var signalling = new NodeSignalling(server);
        var call = signalling._node.Watch(new() { InstanceId = Instance }, cancellationToken: signalling._stop.Token);
        // The first event says that the stream is open: nothing of the rooms is missed from here on.
        if (!await call.ResponseStream.MoveNext(signalling._stop.Token))
            throw new InvalidOperationException("the node closed the stream of events");
        signalling._watching = signalling.FollowAsync(call);
        return signalling;
    }

    public Task PrepareAsync(int rooms, int participants) => Task.CompletedTask;

    public async Task<IMember> EnterAsync(int room, int participant)
    {
        var member = new NodeMember(_node, Room(room), NextId(), Instance, NextId, Forget);
        _members[(member.Room.RoomId, member.Id)] = member;
        await member.JoinAsync();
        return member;
    }

    public Task<IMember> WatchAsync(int room, int participant, ulong publisher) =>
        Task.FromResult<IMember>(NodeMember.Watcher(_node, Room(room), publisher, Instance, NextId));

    public async ValueTask DisposeAsync()
    {
        foreach (var room in _members.Keys.Select(member => member.Room).Distinct())
            await _node.CloseRoomAsync(new() { Room = new() { RoomId = room, Epoch = 1 }, Reason = "the measurement is over" });
        await _stop.CancelAsync();
        await _watching;
        _channel.Dispose();
        _stop.Dispose();
    }

    /// <summary>Waits until the node has no room and no peer: then none of their timers runs either, since each is one of a peer's or a room's.</summary>
    /// <exception cref="TimeoutException">Something stays.</exception>
    public async Task UntilEmptyAsync(TimeSpan patience)
    {
        var limit = DateTime.UtcNow + patience;
        using var call = _node.Statistics(new() { IntervalMs = 1000 }, cancellationToken: _stop.Token);
        await foreach (var report in call.ResponseStream.ReadAllAsync(_stop.Token))
        {
            if (report.Node is { Rooms: 0, Peers: 0 })
                return;
            if (DateTime.UtcNow > limit)
                throw new TimeoutException($"the node keeps {report.Node.Rooms} rooms and {report.Node.Peers} peers of people who have left");
        }
    }

    private void Forget(NodeMember member) => _members.TryRemove((member.Room.RoomId, member.Id), out _);

    private RoomReference Room(int room) => new() { RoomId = $"{_roomPrefix}-{room}", Epoch = 1 };

    private ulong NextId() => (ulong)Interlocked.Increment(ref _lastId);

    private async Task FollowAsync(AsyncServerStreamingCall<RoomEvent> call)
    {
        try
        {
            await foreach (var news in call.ResponseStream.ReadAllAsync(_stop.Token))
            {
                if (news.PublisherReady is not { } ready)
                    continue;
                foreach (var (key, member) in _members)
                {
                    if (key.Room == news.RoomId)
                        member.Announce(ready.Publisher.Id);
                }
            }
        }
        catch (Exception problem) when (problem is RpcException or OperationCanceledException && _stop.IsCancellationRequested)
        {
            // Disposed.
        }
        finally
        {
            call.Dispose();
        }
    }
}
