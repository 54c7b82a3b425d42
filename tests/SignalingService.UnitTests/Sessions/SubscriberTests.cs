using SignalingService.Sessions;

namespace SignalingService.UnitTests.Sessions;

public sealed class SubscriberTests
{
    private const string Answer = """{"type":"answer","sdp":"v=0 answer"}""";

    [Theory]
    [InlineData("""{"request":"join","room":"5fb1d8a9c2e4f6a7b8c9d0e1","ptype":"listener","feed":43,"display":"Ann"}""")]
    [InlineData("""{"request":"join","room":"5fb1d8a9c2e4f6a7b8c9d0e1","ptype":"subscriber","feed":"43"}""")]
    [InlineData("""{"request":"join","room":"5fb1d8a9c2e4f6a7b8c9d0e1","ptype":"subscriber","streams":[{"feed":43,"mid":"1"}]}""")]
    public void Both_dialects_get_attached_with_the_feeds_id_and_an_offer(string join)
    {
        var desk = new Desk();
        desk.Create();
        var handle = desk.Attach();
        desk.Message(handle, join);
        Assert.Equal("ack", (string?)desk.Next()["janus"]);
        desk.Complete(desk.Expect<CheckAccess>(out var address), address, new(null));
        desk.Complete(desk.Expect<WatchRoom>(out address), address, new RoomSeat(Desk.Room, "n", 3, null));
        var subscribe = desk.Expect<SubscribePeer>(out address);
        Assert.Equal(43UL, Assert.Single(subscribe.Request.Streams).PublisherId);
        desk.Complete(subscribe, address, Desk.Offer(43));
        var attached = desk.Next();
        Assert.Equal(
            $$"""{"videoroom":"attached","room":"{{Desk.Room}}","id":43,"display":"Bob","streams":[{"mindex":0,"mid":"0","type":"video","active":true,"ready":false,"send":true,"feed_id":43,"feed_mid":"1","feed_display":"Bob","codec":"vp8"}]}""",
            attached["plugindata"]!["data"]!.ToJsonString());
        Assert.Equal("""{"type":"offer","sdp":"v=0 offer"}""", attached["jsep"]!.ToJsonString());
        Assert.Equal((ulong?)handle, (ulong?)attached["sender"]);
    }

    [Fact]
    public void Several_feeds_on_one_handle_have_no_common_id()
    {
        var desk = new Desk();
        desk.Create();
        desk.Message(desk.Attach(), $$"""{"request":"join","room":"{{Desk.Room}}","ptype":"subscriber","streams":[{"feed":43},{"feed":44}]}""");
        desk.Complete(desk.Expect<CheckAccess>(out var address), address, new(null));
        desk.Complete(desk.Expect<WatchRoom>(out address), address, new RoomSeat(Desk.Room, "n", 3, null));
        desk.Complete(desk.Expect<SubscribePeer>(out address), address, Desk.Offer(43, 44));
        desk.Next();
        Assert.Null(desk.Next()["plugindata"]!["data"]!["id"]);
    }

    [Fact]
    public void Subscriber_of_a_user_who_has_joined_is_that_participant()
    {
        var desk = new Desk();
        desk.Create();
        desk.Join();
        desk.Message(desk.Attach(), $$"""{"request":"join","room":"{{Desk.Room}}","ptype":"listener","feed":43}""");
        desk.Complete(desk.Expect<CheckAccess>(out var address), address, new(null));
        desk.Complete(desk.Expect<WatchRoom>(out address), address, new RoomSeat(Desk.Room, "n", 3, null));
        Assert.Equal(42UL, desk.Expect<SubscribePeer>().Request.ParticipantId);
    }

    [Fact]
    public void Missing_feed_is_an_event_with_428_and_gives_the_seat_back()
    {
        var desk = new Desk();
        desk.Create();
        desk.Message(desk.Attach(), $$"""{"request":"join","room":"{{Desk.Room}}","ptype":"listener","feed":43}""");
        desk.Complete(desk.Expect<CheckAccess>(out var address), address, new(null));
        desk.Complete(desk.Expect<WatchRoom>(out address), address, new RoomSeat(Desk.Room, "n", 3, null));
        desk.Refuse(desk.Expect<SubscribePeer>(out address), address, 428, "No such feed (43)");
        desk.Next();
        Assert.Equal("""{"videoroom":"event","error_code":428,"error":"No such feed (43)"}""", desk.Next()["plugindata"]!["data"]!.ToJsonString());
        desk.Expect<LeaveRoom>();
    }

    [Fact]
    public void Start_with_an_answer_completes_the_negotiation()
    {
        var desk = new Desk();
        desk.Create();
        var (handle, peer) = desk.Subscribe();
        desk.Message(handle, $$"""{"request":"start","room":"{{Desk.Room}}"}""", Answer);
        Assert.Equal("ack", (string?)desk.Next()["janus"]);
        var answer = desk.Expect<AnswerPeer>(out var address);
        Assert.Equal((peer, "v=0 answer"), (answer.PeerId, answer.Request.SdpAnswer));
        desk.Complete(answer, address, new());
        Assert.Equal($$"""{"videoroom":"event","room":"{{Desk.Room}}","started":"ok"}""", desk.Next()["plugindata"]!["data"]!.ToJsonString());
    }

    [Theory]
    [InlineData("pause", false, "paused")]
    [InlineData("start", true, "started")]
    public void Pause_and_start_switch_what_is_sent(string request, bool send, string word)
    {
        var desk = new Desk();
        desk.Create();
        var (handle, _) = desk.Subscribe();
        desk.Message(handle, $$"""{"request":"{{request}}"}""");
        var configure = desk.Expect<ConfigurePeer>(out var address);
        Assert.Equal(send, Assert.Single(configure.Request.Streams).Send);
        desk.Complete(configure, address, new());
        desk.Next();
        Assert.Equal("ok", (string?)desk.Next()["plugindata"]!["data"]![word]);
    }

    [Theory]
    [InlineData("""{"request":"configure","streams":[{"mid":"0","substream":1,"temporal":2,"send":false}]}""", "0")]
    [InlineData("""{"request":"configure","substream":1,"temporal":2}""", "")]
    [InlineData("""{"request":"configure","spatial_layer":1,"temporal_layer":2}""", "")]
    [InlineData("""{"request":"configure","streams":[{"mid":"0","spatial_layer":1,"temporal_layer":2}]}""", "0")]
    public void Layers_are_configured_by_stream_or_for_all(string body, string mid)
    {
        var desk = new Desk();
        desk.Create();
        var (handle, _) = desk.Subscribe();
        desk.Message(handle, body);
        var stream = Assert.Single(desk.Expect<ConfigurePeer>().Request.Streams);
        Assert.Equal((mid, 1u, 2u), (stream.Mid, stream.Substream, stream.TemporalLayer));
    }

    [Theory]
    [InlineData("0", ",\"streams\":[{\"mid\":\"0\",\"max_width\":640,\"max_height\":0}]")]
    [InlineData("", ",\"max_width\":640,\"max_height\":0")]
    public void Largest_size_is_configured_by_stream_or_for_all(string mid, string fields)
    {
        var desk = new Desk();
        desk.Create();
        var (handle, _) = desk.Subscribe();
        desk.Message(handle, $$"""{"request":"configure"{{fields}}}""");
        var stream = Assert.Single(desk.Expect<ConfigurePeer>().Request.Streams);
        Assert.Equal((mid, 640u, 0u), (stream.Mid, stream.MaxWidth, stream.MaxHeight));
        Assert.True(stream.HasMaxHeight);
        Assert.False(stream.HasSubstream || stream.HasTemporalLayer);
    }

    [Theory]
    [InlineData("\"ptype\":\"subscriber\",\"streams\":[{\"feed\":43,\"substream\":1,\"temporal\":2,\"max_width\":640,\"max_height\":360}]")]
    [InlineData("\"ptype\":\"listener\",\"feed\":43,\"substream\":1,\"temporal\":2,\"max_width\":640,\"max_height\":360")]
    public void Layers_can_be_wished_with_the_subscription(string fields)
    {
        var desk = new Desk();
        desk.Create();
        desk.Message(desk.Attach(), $$"""{"request":"join","room":"{{Desk.Room}}",{{fields}}}""");
        desk.Complete(desk.Expect<CheckAccess>(out var address), address, new(null));
        desk.Complete(desk.Expect<WatchRoom>(out address), address, new RoomSeat(Desk.Room, "n", 3, null));
        var stream = Assert.Single(desk.Expect<SubscribePeer>().Request.Streams);
        Assert.Equal((43UL, 1u, 2u, 640u, 360u), (stream.PublisherId, stream.Substream, stream.TemporalLayer, stream.MaxWidth, stream.MaxHeight));
    }

    [Theory]
    [InlineData("subscribe", "streams")]
    [InlineData("update", "subscribe")]
    public void Layers_can_be_wished_with_each_added_stream(string request, string list)
    {
        var desk = new Desk();
        desk.Create();
        var (handle, _) = desk.Subscribe();
        desk.Message(handle, $$"""{"request":"start"}""", Answer);
        desk.Complete(desk.Expect<AnswerPeer>(out var address), address, new());
        desk.Message(handle, $$"""{"request":"{{request}}","{{list}}":[{"feed":44,"mid":"1","spatial_layer":0},{"feed":45}]}""");
        var added = desk.Expect<UpdatePeer>().Request.Subscribe;
        Assert.True(added[0] is { PublisherId: 44, HasSubstream: true, Substream: 0, HasMaxWidth: false });
        Assert.True(added[1] is { PublisherId: 45, HasSubstream: false, HasTemporalLayer: false });
    }

    [Fact]
    public void Cap_on_all_that_is_sent_goes_to_the_subscribing_peer()
    {
        var desk = new Desk();
        desk.Create();
        var (handle, _) = desk.Subscribe();
        desk.Message(handle, """{"request":"configure","bitrate":500000}""");
        var configure = desk.Expect<ConfigurePeer>();
        Assert.Equal(500_000u, configure.Request.BitrateBps);
        Assert.Empty(configure.Request.Streams);
    }

    [Fact]
    public void Old_clients_switch_video_off_by_kind()
    {
        var desk = new Desk();
        desk.Create();
        var (handle, _) = desk.Subscribe();
        desk.Message(handle, """{"request":"configure","video":false,"audio":true}""");
        var stream = Assert.Single(desk.Expect<ConfigurePeer>().Request.Streams);
        Assert.Equal(("0", false), (stream.Mid, stream.Send));
    }

    [Fact]
    public void Change_during_a_negotiation_waits_for_the_answer()
    {
        var desk = new Desk();
        desk.Create();
        var (handle, _) = desk.Subscribe("subscriber");
        desk.Message(handle, """{"request":"subscribe","streams":[{"feed":44}]}""");
        desk.Message(handle, """{"request":"unsubscribe","streams":[{"feed":43}]}""");
        desk.ExpectNoCommand();
        desk.Next();
        Assert.Equal("updating", (string?)desk.Next()["plugindata"]!["data"]!["videoroom"]);
        desk.Next();
        desk.Next();
        desk.Message(handle, """{"request":"start"}""", Answer);
        desk.Complete(desk.Expect<AnswerPeer>(out var address), address, new());
        var update = desk.Expect<UpdatePeer>(out address);
        Assert.Equal(44UL, Assert.Single(update.Request.Subscribe).PublisherId);
        Assert.Equal(43UL, Assert.Single(update.Request.Unsubscribe).PublisherId);
        desk.Complete(update, address, Desk.Offer(44));
        desk.Next();
        desk.Next();
        var updated = desk.Next();
        Assert.Equal("updated", (string?)updated["plugindata"]!["data"]!["videoroom"]);
        Assert.Equal(44UL, (ulong?)updated["plugindata"]!["data"]!["id"]);
        Assert.Equal("offer", (string?)updated["jsep"]!["type"]);
    }

    [Fact]
    public void Unsubscribe_by_the_feeds_stream_names_the_own_m_line()
    {
        var desk = new Desk();
        desk.Create();
        var (handle, _) = desk.Subscribe("subscriber");
        desk.Message(handle, """{"request":"start"}""", Answer);
        desk.Complete(desk.Expect<AnswerPeer>(out var address), address, new());
        desk.Message(handle, """{"request":"unsubscribe","streams":[{"feed":43,"mid":"1"}]}""");
        Assert.Equal("0", Assert.Single(desk.Expect<UpdatePeer>().Request.Unsubscribe).Mid);
    }

    [Fact]
    public void Restart_of_ice_is_an_offer_even_while_another_waits_for_its_answer()
    {
        var desk = new Desk();
        desk.Create();
        var (handle, peer) = desk.Subscribe();
        desk.Message(handle, """{"request":"configure","restart":true}""");
        var update = desk.Expect<UpdatePeer>(out var address);
        Assert.Equal((peer, true), (update.PeerId, update.Request.Restart));
        Assert.Empty(update.Request.Subscribe);
        desk.Complete(update, address, Desk.Offer(43));
        desk.Next();
        var configured = desk.Next();
        Assert.Equal("ok", (string?)configured["plugindata"]!["data"]!["configured"]);
        Assert.Equal("""{"type":"offer","sdp":"v=0 offer"}""", configured["jsep"]!.ToJsonString());
        desk.Message(handle, """{"request":"start"}""", Answer);
        Assert.Equal(peer, desk.Expect<AnswerPeer>().PeerId);
    }

    [Fact]
    public void Offer_that_the_node_finds_necessary_comes_unasked_with_the_feeds_id()
    {
        var desk = new Desk();
        desk.Create();
        var (handle, peer) = desk.Subscribe();
        desk.Message(handle, """{"request":"start"}""", Answer);
        desk.Complete(desk.Expect<AnswerPeer>(out var address), address, new());
        desk.Sent.Clear();

        desk.Hear(handle, new() { NegotiationNeeded = new() { PeerId = peer } });
        var update = desk.Expect<UpdatePeer>(out address);
        Assert.Equal((peer, 0, 0, false), (update.PeerId, update.Request.Subscribe.Count, update.Request.Unsubscribe.Count, update.Request.Restart));
        desk.Complete(update, address, Desk.Offer(43));

        var updated = desk.Next();
        Assert.Null(updated["transaction"]);
        Assert.Equal((ulong?)handle, (ulong?)updated["sender"]);
        Assert.Equal(("updated", 43UL), ((string?)updated["plugindata"]!["data"]!["videoroom"], (ulong?)updated["plugindata"]!["data"]!["id"]));
        Assert.Equal("""{"type":"offer","sdp":"v=0 offer"}""", updated["jsep"]!.ToJsonString());
        desk.Message(handle, """{"request":"start"}""", Answer);
        Assert.Equal(peer, desk.Expect<AnswerPeer>().PeerId);
    }

    [Fact]
    public void Offer_that_the_node_finds_necessary_waits_for_the_answer_that_is_owed()
    {
        var desk = new Desk();
        desk.Create();
        var (handle, peer) = desk.Subscribe();
        desk.Hear(handle, new() { NegotiationNeeded = new() { PeerId = peer } });
        desk.Hear(handle, new() { NegotiationNeeded = new() { PeerId = peer } }, sequence: 12);
        desk.ExpectNoCommand();

        desk.Message(handle, """{"request":"start"}""", Answer);
        desk.Complete(desk.Expect<AnswerPeer>(out var address), address, new());
        desk.Complete(desk.Expect<UpdatePeer>(out address), address, Desk.Offer(43));
        desk.ExpectNoCommand();
        Assert.Equal("updated", (string?)desk.Sent.Last()["plugindata"]!["data"]!["videoroom"]);
    }

    [Fact]
    public void Publish_on_a_subscriber_is_refused()
    {
        var desk = new Desk();
        desk.Create();
        var (handle, _) = desk.Subscribe();
        desk.Message(handle, """{"request":"publish"}""", """{"type":"offer","sdp":"v=0"}""");
        desk.Next();
        Assert.Equal(423, (int?)desk.Next()["plugindata"]!["data"]!["error_code"]);
    }
}
