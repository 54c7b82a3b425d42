using Grpc.Core;
using Grpc.Net.Client;
using MediaNode.Control.V1;

namespace SignalingService.Rooms;

/// <summary>
/// The connection to one media node while this instance has members there: a channel for calls and one event stream, which is open before
/// anybody joins. A stream that breaks is opened again and made up for; when the node is gone, every member hears that.
/// </summary>
internal sealed partial class NodeLink : IDisposable
{
    /// <summary>Every call to a node has this long; joining a call must not hang.</summary>
    public static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Openings in a row that fail before the node counts as gone: with the pauses between them (0.1, 0.2, 0.4 s), under a second.</summary>
    private const int OpeningsBeforeLost = 4;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    private readonly string _instanceId;
    private readonly ILogger _logger;
    private readonly GrpcChannel _channel;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource<bool> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<NodeLink> _lost;
    private readonly Action<string, ulong> _roomClosed;

    /// <param name="nodeId">Which process is expected at the address.</param>
    /// <param name="controlAddress">Such as <c>http://10.0.3.7:5100</c>, HTTP/2 without TLS.</param>
    /// <param name="instanceId">This instance.</param>
    /// <param name="lost">Called once, before the members hear of it.</param>
    /// <param name="roomClosed">Called with room and epoch.</param>
    public NodeLink(string nodeId, string controlAddress, string instanceId, Action<NodeLink> lost, Action<string, ulong> roomClosed, ILogger logger)
    {
        NodeId = nodeId;
        ControlAddress = controlAddress;
        _instanceId = instanceId;
        _lost = lost;
        _roomClosed = roomClosed;
        _logger = logger;
        _channel = GrpcChannel.ForAddress(controlAddress, new()
        {
            HttpHandler = new SocketsHttpHandler
            {
                EnableMultipleHttp2Connections = true,
                ConnectTimeout = TimeSpan.FromSeconds(2),
                // A node that is frozen keeps its connections: pings find that out.
                KeepAlivePingDelay = TimeSpan.FromSeconds(5),
                KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
            },
            DisposeHttpClient = true,
        });
        Client = new(_channel);
    }

    public string NodeId { get; }
    public string ControlAddress { get; }
    public MediaControl.MediaControlClient Client { get; }
    public RoomRegister Register { get; } = new();
    public bool IsLost { get; private set; }

    /// <summary>True when events flow; false when the node turned out to be gone.</summary>
    public Task<bool> Ready => _ready.Task;

    public void Start()
    {
        // The stream serves everybody: it must not become part of the trace of the one who came first.
        using (ExecutionContext.SuppressFlow())
            _ = Task.Run(WatchAsync);
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _ready.TrySetResult(false);
        _channel.Dispose();
    }

    private async Task WatchAsync()
    {
        for (var failures = 0; !_stopping.IsCancellationRequested;)
        {
            try
            {
                using var stream = Client.Watch(new() { InstanceId = _instanceId }, cancellationToken: _stopping.Token);
                if (!await StartsAsync(stream.ResponseStream))
                    break;
                failures = 0;
                while (await stream.ResponseStream.MoveNext(_stopping.Token))
                    Dispatch(stream.ResponseStream.Current);
            }
            catch (Exception problem) when (problem is RpcException or OperationCanceledException or TimeoutException or IOException)
            {
                LogStreamBroken(NodeId, problem.Message);
            }
            if (_stopping.IsCancellationRequested)
                return;
            if (++failures >= OpeningsBeforeLost)
                break;
            await Task.Delay(FirstPause * (1 << (failures - 1)), CancellationToken.None);
        }
        if (!_stopping.IsCancellationRequested)
            Lose();
    }

    /// <returns>False when another process answers at the address: the one that is meant has ended.</returns>
    private async Task<bool> StartsAsync(IAsyncStreamReader<RoomEvent> stream)
    {
        var hasFirst = await stream.MoveNext(_stopping.Token).WaitAsync(CallTimeout);
        if (!hasFirst || stream.Current.WatchStarted is not { } started)
            throw new IOException("The node's event stream did not begin with WatchStarted.");
        if (started.NodeId != NodeId)
            return false;
        if (_ready.Task.IsCompleted)
            await MakeUpAsync();
        _ready.TrySetResult(true);
        return true;
    }

    /// <summary>Nobody repeats the events of the gap, so the members get the present state. The new stream's events wait meanwhile.</summary>
    private async Task MakeUpAsync()
    {
        foreach (var roomId in Register.Rooms())
            foreach (var epoch in Register.InRoom(roomId).GroupBy(member => member.Seat.Epoch))
                await MakeUpAsync(new() { RoomId = roomId, Epoch = epoch.Key }, [.. epoch]);
    }

    private async Task MakeUpAsync(RoomReference room, IReadOnlyList<RoomMember> members)
    {
        var present = new ListParticipantsReply();
        try
        {
            present = await Client.ListParticipantsAsync(new() { Room = room }, deadline: DateTime.UtcNow + CallTimeout);
        }
        catch (RpcException problem) when (problem.StatusCode is StatusCode.NotFound or StatusCode.FailedPrecondition)
        {
            // The room ended meanwhile, or lives elsewhere: nobody is in it here.
            LogRoomGone(room.RoomId, NodeId, problem.StatusCode);
        }
        foreach (var member in members)
            member.Listener.HearSnapshot(member.Address, member.Seat, present);
    }

    private void Dispatch(RoomEvent roomEvent)
    {
        if (PeerOf(roomEvent) is { } peerId)
        {
            if (Register.TryFindOwner(peerId, out var owner))
                owner.Listener.HearEvent(owner.Address, roomEvent);
            if (roomEvent.EventCase == RoomEvent.EventOneofCase.PeerClosed)
                Register.Disown(peerId);
            return;
        }
        foreach (var member in Register.InRoom(roomEvent.RoomId))
            if (member.Seat.ParticipantId is not null)
                member.Listener.HearEvent(member.Address, roomEvent);
        if (roomEvent.EventCase == RoomEvent.EventOneofCase.RoomClosed)
            _roomClosed(roomEvent.RoomId, roomEvent.Epoch);
    }

    private static ulong? PeerOf(RoomEvent roomEvent) => roomEvent.EventCase switch
    {
        RoomEvent.EventOneofCase.PeerConnected => roomEvent.PeerConnected.PeerId,
        RoomEvent.EventOneofCase.PeerClosed => roomEvent.PeerClosed.PeerId,
        RoomEvent.EventOneofCase.MediaChanged => roomEvent.MediaChanged.PeerId,
        RoomEvent.EventOneofCase.SlowLink => roomEvent.SlowLink.PeerId,
        RoomEvent.EventOneofCase.SubscriptionChanged => roomEvent.SubscriptionChanged.PeerId,
        RoomEvent.EventOneofCase.NegotiationNeeded => roomEvent.NegotiationNeeded.PeerId,
        _ => null,
    };

    private void Lose()
    {
        LogLost(NodeId);
        IsLost = true;
        _lost(this);
        _ready.TrySetResult(false);
        foreach (var member in Register.Close())
            member.Listener.HearNodeLost(member.Address, member.Seat);
        Dispose();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The event stream of media node {NodeId} is interrupted: {Problem}")]
    private partial void LogStreamBroken(string nodeId, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "Room {RoomId} is not on media node {NodeId} any more: {Status}")]
    private partial void LogRoomGone(string roomId, string nodeId, StatusCode status);

    [LoggerMessage(Level = LogLevel.Error, Message = "Media node {NodeId} is gone; its rooms move when somebody joins")]
    private partial void LogLost(string nodeId);
}
