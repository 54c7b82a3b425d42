using System.Text;
using System.Text.Json.Nodes;
using MediaNode.Control.V1;
using ServiceDefaults;
using SignalingService.Dialects;
using SignalingService.Sessions;

namespace SignalingService.UnitTests.Sessions;

/// <summary>A connection without a socket: JSON goes in, JSON and commands come out, and the test answers the commands.</summary>
internal sealed class Desk
{
    public const ulong UserId = 42;
    public const string Room = "5fb1d8a9c2e4f6a7b8c9d0e1";

    private readonly SessionTable _table;
    private readonly Queue<RunCommand> _commands = new();
    private ulong _nextId = 100;

    public Desk(SessionLimits? limits = null) => _table = new(limits ?? new(8, 600, TimeSpan.FromSeconds(60)), () => _nextId++);

    public TimeSpan Now { get; set; }
    public Queue<JsonNode> Sent { get; } = new();
    public List<MessageHandled> Handled { get; } = [];
    public ulong SessionId { get; private set; }
    public bool IsEmpty => _table.IsEmpty;
    public TimeSpan NextTimeout => _table.NextTimeout;

    public void Receive(string json) => Receive(ClientMessageReader.Read(Encoding.UTF8.GetBytes(json)));

    public void Receive(ClientMessage message)
    {
        _table.HandleMessage(message, Now);
        Drain();
    }

    /// <summary>The next frame, which must be there.</summary>
    public JsonNode Next() => Sent.TryDequeue(out var frame) ? frame : throw new InvalidOperationException("Nothing was sent.");

    public string NextText() => Next().ToJsonString();

    /// <summary>The next command, which must be there and be a <typeparamref name="T"/>.</summary>
    public T Expect<T>(out HandleAddress address)
        where T : Command
    {
        Assert.True(_commands.TryDequeue(out var run), $"No command; expected {typeof(T).Name}.");
        address = run.Address;
        return Assert.IsType<T>(run.Command);
    }

    public T Expect<T>()
        where T : Command => Expect<T>(out _);

    public void ExpectNoCommand() => Assert.Empty(_commands);

    public void Complete<TOutcome>(Command<TOutcome> command, HandleAddress address, TOutcome outcome)
        where TOutcome : class
    {
        command.Complete(outcome);
        Return(command, address);
    }

    public void Refuse(Command command, HandleAddress address, int code, string reason)
    {
        command.Refuse(new(code, reason));
        Return(command, address);
    }

    /// <summary>Refuses everything that is wanted, until nothing is.</summary>
    public void RefuseAll()
    {
        while (_commands.TryDequeue(out var run))
            if (run.Awaited)
                Refuse(run.Command, run.Address, 499, "refused by the test");
    }

    public void Create(string? name = null)
    {
        Receive("""{"janus":"create","transaction":"c1","token":"good"}""");
        Complete(Expect<Authenticate>(out var address), address, new SessionIdentity(7, (long)UserId, 1, name, false, DateTimeOffset.MaxValue));
        SessionId = Next()["data"]!["id"]!.GetValue<ulong>();
    }

    public ulong Attach()
    {
        Receive($$"""{"janus":"attach","transaction":"a1","plugin":"janus.plugin.videoroom","session_id":{{SessionId}}}""");
        return Next()["data"]!["id"]!.GetValue<ulong>();
    }

    public void Message(ulong handle, string body, string? jsep = null) => Receive(
        $$"""{"janus":"message","transaction":"m1","token":"good","session_id":{{SessionId}},"handle_id":{{handle}},"body":{{body}}{{(jsep is null ? "" : $",\"jsep\":{jsep}")}}}""");

    /// <summary>A publisher's handle in the room, with nothing left over.</summary>
    public (ulong Handle, RoomSeat Seat) Join(params Publisher[] publishers)
    {
        var handle = Attach();
        Message(handle, $$"""{"request":"join","room":"{{Room}}","ptype":"publisher","id":42,"display":"Ann"}""");
        Complete(Expect<CheckAccess>(out var address), address, new("Weekly"));
        var enter = Expect<EnterRoom>(out address);
        var seat = new RoomSeat(Room, "node-1", 3, UserId);
        Complete(enter, address, new RoomEntry(seat, new() { Sequence = 10, Publishers = { publishers } }));
        Assert.Equal("ack", (string?)Next()["janus"]);
        Assert.Equal("joined", (string?)Next()["plugindata"]!["data"]!["videoroom"]);
        return (handle, seat);
    }

    /// <summary>A subscriber's handle that has its offer, with nothing left over.</summary>
    public (ulong Handle, ulong Peer) Subscribe(string ptype = "listener", ulong feed = 43)
    {
        var handle = Attach();
        Message(handle, $$"""{"request":"join","room":"{{Room}}","ptype":"{{ptype}}","feed":{{feed}}}""");
        Complete(Expect<CheckAccess>(out var address), address, new("Weekly"));
        Complete(Expect<WatchRoom>(out address), address, new RoomSeat(Room, "node-1", 3, null));
        var subscribe = Expect<SubscribePeer>(out address);
        Complete(subscribe, address, Offer(feed));
        Assert.Equal("ack", (string?)Next()["janus"]);
        Assert.Equal("attached", (string?)Next()["plugindata"]!["data"]!["videoroom"]);
        return (handle, subscribe.PeerId);
    }

    public static SubscribeReply Offer(params ulong[] feeds)
    {
        var reply = new SubscribeReply { SdpOffer = "v=0 offer" };
        foreach (var (index, feed) in feeds.Index())
            reply.Streams.Add(new SubscribedStream
            {
                Stream = new() { Kind = MediaNode.Control.V1.Stream.Types.Kind.Video, Index = (uint)index, Mid = $"{index}", Codec = "vp8" },
                PublisherId = feed,
                PublisherDisplay = "Bob",
                PublisherMid = "1",
                Active = true,
            });
        return reply;
    }

    public void Hear(ulong handle, RoomEvent news, ulong epoch = 3, ulong sequence = 11)
    {
        news.RoomId = Room;
        news.Epoch = epoch;
        news.Sequence = sequence;
        _table.HandleRoomEvent(new(SessionId, handle), news);
        Drain();
    }

    public void LoseNode(ulong handle, RoomSeat seat)
    {
        _table.HandleNodeLost(new(SessionId, handle), seat);
        Drain();
    }

    public void Snapshot(ulong handle, RoomSeat seat, params Participant[] participants)
    {
        _table.HandleRoomSnapshot(new(SessionId, handle), seat, new() { Participants = { participants } });
        Drain();
    }

    public void PassTime(TimeSpan time)
    {
        Now += time;
        _table.HandleTimeout(Now);
        Drain();
    }

    public void Close()
    {
        _table.HandleClosed();
        Drain();
    }

    private void Return(Command command, HandleAddress address)
    {
        _table.HandleCompleted(address, command);
        Drain();
    }

    private void Drain()
    {
        while (_table.TryTakeEffect(out var effect))
            switch (effect)
            {
                case SendToClient { Message: var message }:
                    Sent.Enqueue(JsonNode.Parse(ServerMessageWriter.Write(message))!);
                    break;
                case RunCommand run:
                    _commands.Enqueue(run);
                    break;
                case MessageHandled handled:
                    Handled.Add(handled);
                    break;
            }
    }
}
