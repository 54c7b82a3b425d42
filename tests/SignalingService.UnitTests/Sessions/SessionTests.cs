using SignalingService.Sessions;

namespace SignalingService.UnitTests.Sessions;

public sealed class SessionTests
{
    [Fact]
    public void Create_answers_with_an_id_and_no_top_level_session()
    {
        var desk = new Desk();
        desk.Receive("""{"janus":"create","transaction":"c1","token":"good"}""");
        var authenticate = desk.Expect<Authenticate>(out var address);
        Assert.Equal("good", authenticate.Token);
        desk.Complete(authenticate, address, new(1, 42, 1, null, false, DateTimeOffset.MaxValue));
        Assert.Equal("""{"janus":"success","transaction":"c1","data":{"id":100}}""", desk.NextText());
    }

    [Fact]
    public void Bad_token_is_refused_at_create_with_403()
    {
        var desk = new Desk();
        desk.Receive("""{"janus":"create","transaction":"c1","token":"bad"}""");
        desk.Refuse(desk.Expect<Authenticate>(out var address), address, 403, "Unauthorized");
        Assert.Equal("""{"janus":"error","transaction":"c1","error":{"code":403,"reason":"Unauthorized"}}""", desk.NextText());
        Assert.True(desk.IsEmpty);
    }

    [Fact]
    public void Only_the_video_room_can_be_attached()
    {
        var desk = new Desk();
        desk.Create();
        desk.Receive($$"""{"janus":"attach","transaction":"a","plugin":"janus.plugin.echotest","session_id":{{desk.SessionId}}}""");
        Assert.Equal(460, (int?)desk.Next()["error"]!["code"]);
    }

    [Theory]
    [InlineData("""{"janus":"keepalive","transaction":"t","session_id":5}""", 458)]
    [InlineData("""{"janus":"claim","transaction":"t","session_id":5}""", 458)]
    [InlineData("""{"janus":"fly","transaction":"t"}""", 453)]
    public void Unknown_sessions_and_verbs_are_refused_as_objects(string frame, int code)
    {
        var desk = new Desk();
        desk.Receive(frame);
        var error = desk.Next();
        Assert.Equal("error", (string?)error["janus"]);
        Assert.Equal(code, (int?)error["error"]!["code"]);
        Assert.NotNull((string?)error["error"]!["reason"]);
        Assert.Equal("t", (string?)error["transaction"]);
    }

    [Fact]
    public void Unknown_handle_is_459()
    {
        var desk = new Desk();
        desk.Create();
        desk.Message(5, """{"request":"leave"}""");
        Assert.Equal(459, (int?)desk.Next()["error"]!["code"]);
    }

    [Fact]
    public void Trickle_and_keepalive_are_acknowledged_while_a_publish_is_under_way()
    {
        var desk = new Desk();
        desk.Create();
        var (handle, _) = desk.Join();
        desk.Message(handle, """{"request":"configure"}""", """{"type":"offer","sdp":"v=0"}""");
        desk.Next();
        desk.Receive($$$$"""{"janus":"trickle","transaction":"t1","session_id":{{{{desk.SessionId}}}},"handle_id":{{{{handle}}}},"candidate":{"completed":true}}""");
        desk.Receive($$"""{"janus":"keepalive","transaction":"t2","session_id":{{desk.SessionId}}}""");
        Assert.Equal("t1", (string?)desk.Next()["transaction"]);
        Assert.Equal("t2", (string?)desk.Next()["transaction"]);
        desk.Expect<PublishPeer>();
    }

    [Fact]
    public void Requests_are_worked_off_one_after_another_but_acknowledged_at_once()
    {
        var desk = new Desk();
        desk.Create();
        var (handle, _) = desk.Join();
        desk.Message(handle, """{"request":"configure"}""", """{"type":"offer","sdp":"v=0"}""");
        desk.Message(handle, """{"request":"leave","room":null}""");
        Assert.Equal("ack", (string?)desk.Next()["janus"]);
        Assert.Equal("ack", (string?)desk.Next()["janus"]);
        var publish = desk.Expect<PublishPeer>(out var address);
        desk.ExpectNoCommand();
        desk.Complete(publish, address, new() { SdpAnswer = "v=0" });
        desk.Expect<LeaveRoom>();
    }

    [Fact]
    public void Destroy_answers_with_session_and_transaction_and_gives_every_seat_back()
    {
        var desk = new Desk();
        desk.Create();
        desk.Join();
        desk.Subscribe();
        desk.Receive($$"""{"janus":"destroy","transaction":"d1","session_id":{{desk.SessionId}}}""");
        Assert.Equal($$"""{"janus":"success","session_id":{{desk.SessionId}},"transaction":"d1"}""", desk.NextText());
        desk.Expect<LeaveRoom>();
        desk.Expect<LeaveRoom>();
        Assert.True(desk.IsEmpty);
    }

    [Fact]
    public void Session_without_requests_times_out_and_leaves()
    {
        var desk = new Desk();
        desk.Create();
        desk.Join();
        Assert.Equal(TimeSpan.FromSeconds(60), desk.NextTimeout);
        desk.PassTime(TimeSpan.FromSeconds(59));
        Assert.Empty(desk.Sent);
        desk.PassTime(TimeSpan.FromSeconds(1));
        Assert.Equal($$"""{"janus":"timeout","session_id":{{desk.SessionId}}}""", desk.NextText());
        desk.Expect<LeaveRoom>();
        Assert.True(desk.IsEmpty);
    }

    [Fact]
    public void Connection_that_closes_during_a_join_leaves_after_the_join()
    {
        var desk = new Desk();
        desk.Create();
        var handle = desk.Attach();
        desk.Message(handle, $$"""{"request":"join","room":"{{Desk.Room}}","ptype":"publisher","id":42}""");
        desk.Complete(desk.Expect<CheckAccess>(out var address), address, new(null));
        var enter = desk.Expect<EnterRoom>(out address);
        desk.Close();
        desk.ExpectNoCommand();
        Assert.False(desk.IsEmpty);
        var seat = new RoomSeat(Desk.Room, "node-1", 3, 42);
        desk.Complete(enter, address, new RoomEntry(seat, new()));
        Assert.Same(seat, desk.Expect<LeaveRoom>().Seat);
        Assert.True(desk.IsEmpty);
    }

    [Fact]
    public void News_for_a_detached_handle_goes_nowhere()
    {
        var desk = new Desk();
        desk.Create();
        var (handle, _) = desk.Join();
        desk.Receive($$"""{"janus":"detach","transaction":"d","session_id":{{desk.SessionId}},"handle_id":{{handle}}}""");
        Assert.Equal("success", (string?)desk.Next()["janus"]);
        desk.Hear(handle, new() { PublisherReady = new() { Publisher = new() { Id = 43 } } });
        Assert.Empty(desk.Sent);
    }

    [Fact]
    public void Sessions_and_handles_are_limited()
    {
        var desk = new Desk(new(1, 1, TimeSpan.FromSeconds(60)));
        desk.Create();
        desk.Attach();
        desk.Receive($$"""{"janus":"attach","transaction":"a","plugin":"janus.plugin.videoroom","session_id":{{desk.SessionId}}}""");
        Assert.Equal("A session has at most 1 handles", (string?)desk.Next()["error"]!["reason"]);
        desk.Receive("""{"janus":"create","transaction":"c","token":"good"}""");
        Assert.Equal("A connection has at most 1 sessions", (string?)desk.Next()["error"]!["reason"]);
    }

    [Fact]
    public void Info_and_ping_need_no_session()
    {
        var desk = new Desk();
        desk.Receive("""{"janus":"ping","transaction":"p"}""");
        Assert.Equal("""{"janus":"pong","transaction":"p"}""", desk.NextText());
        desk.Receive("""{"janus":"info","transaction":"i"}""");
        var info = desk.Next();
        Assert.Equal("server_info", (string?)info["janus"]);
        Assert.Equal(60, (int?)info["session-timeout"]);
    }

    [Fact]
    public void Every_message_is_counted_once_with_its_outcome()
    {
        var desk = new Desk();
        desk.Create();
        desk.Join();
        desk.Message(5, """{"request":"leave"}""");
        Assert.Equal([("create", null), ("attach", null), ("join", null), ("leave", 459)], desk.Handled.Select(handled => (handled.Message.Name, handled.ErrorCode)));
    }
}
