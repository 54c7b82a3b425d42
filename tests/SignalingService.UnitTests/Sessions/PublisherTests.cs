using MediaNode.Control.V1;
using SignalingService.Sessions;
using Kind = MediaNode.Control.V1.Stream.Types.Kind;

namespace SignalingService.UnitTests.Sessions;

public sealed class PublisherTests
{
    private const string Offer = """{"type":"offer","sdp":"v=0 offer"}""";

    [Fact]
    public void Join_is_acknowledged_and_lists_the_others_without_oneself()
    {
        var desk = new Desk();
        desk.Create();
        var handle = desk.Attach();
        desk.Message(handle, $$"""{"request":"join","room":"{{Desk.Room}}","ptype":"publisher","id":42,"display":"Ann"}""");
        Assert.Empty(desk.Sent);
        var access = desk.Expect<CheckAccess>(out var address);
        Assert.Equal(Desk.Room, access.RoomId);
        desk.Complete(access, address, new("Weekly"));
        var enter = desk.Expect<EnterRoom>(out address);
        Assert.Equal("Ann", enter.Display);
        var bob = new Publisher { Id = 43, Display = "Bob", Streams = { new MediaNode.Control.V1.Stream { Kind = Kind.Audio, Mid = "0", Codec = "opus" } } };
        desk.Complete(enter, address, new RoomEntry(new(Desk.Room, "n", 3, 42), new() { Publishers = { bob, new Publisher { Id = 42 } } }));
        Assert.Equal($$"""{"janus":"ack","session_id":{{desk.SessionId}},"transaction":"m1"}""", desk.NextText());
        Assert.Equal(
            $$$$"""{"janus":"event","session_id":{{{{desk.SessionId}}}},"transaction":"m1","sender":{{{{handle}}}},"plugindata":{"plugin":"janus.plugin.videoroom","data":{"videoroom":"joined","room":"{{{{Desk.Room}}}}","description":"Weekly","id":42,"private_id":102,"publishers":[{"id":43,"display":"Bob","audio_codec":"opus","streams":[{"type":"audio","mindex":0,"mid":"0","codec":"opus"}],"talking":false}]}}}""",
            desk.NextText());
    }

    [Theory]
    [InlineData(426, "No such room (x)")]
    [InlineData(433, "Unauthorized")]
    public void Refused_access_is_a_synchronous_error_so_that_join_rejects(int code, string reason)
    {
        var desk = new Desk();
        desk.Create();
        desk.Message(desk.Attach(), $$"""{"request":"join","room":"{{Desk.Room}}","ptype":"publisher","id":42}""");
        desk.Refuse(desk.Expect<CheckAccess>(out var address), address, code, reason);
        var error = desk.Next();
        Assert.Equal("error", (string?)error["janus"]);
        Assert.Equal(code, (int?)error["error"]!["code"]);
        Assert.Equal("m1", (string?)error["transaction"]);
        Assert.Empty(desk.Sent);
    }

    [Fact]
    public void Full_room_is_a_synchronous_error()
    {
        var desk = new Desk();
        desk.Create();
        desk.Message(desk.Attach(), $$"""{"request":"join","room":"{{Desk.Room}}","ptype":"publisher"}""");
        desk.Complete(desk.Expect<CheckAccess>(out var address), address, new(null));
        desk.Refuse(desk.Expect<EnterRoom>(out address), address, 432, "The room is full");
        Assert.Equal(432, (int?)desk.Next()["error"]!["code"]);
    }

    [Fact]
    public void Another_users_id_is_refused_without_asking_anybody()
    {
        var desk = new Desk();
        desk.Create();
        desk.Message(desk.Attach(), $$"""{"request":"join","room":"{{Desk.Room}}","ptype":"publisher","id":41}""");
        var error = desk.Next();
        Assert.Equal(433, (int?)error["error"]!["code"]);
        Assert.Contains("id: must be the token's user, 42", (string?)error["error"]!["reason"], StringComparison.Ordinal);
        desk.ExpectNoCommand();
    }

    [Fact]
    public void Configure_with_an_offer_publishes_whatever_its_flags_say()
    {
        var desk = new Desk();
        desk.Create();
        var (handle, seat) = desk.Join();
        desk.Message(handle, """{"request":"configure","audio":false,"video":false}""", Offer);
        Assert.Equal("ack", (string?)desk.Next()["janus"]);
        var publish = desk.Expect<PublishPeer>(out var address);
        Assert.Same(seat, publish.Seat);
        Assert.Equal("v=0 offer", publish.Request.SdpOffer);
        Assert.Equal(42UL, publish.Request.ParticipantId);
        var reply = new PublishReply
        {
            SdpAnswer = "v=0 answer",
            Streams = { new MediaNode.Control.V1.Stream { Kind = Kind.Audio, Codec = "opus" }, new MediaNode.Control.V1.Stream { Kind = Kind.Video, Codec = "vp8" } },
        };
        desk.Complete(publish, address, reply);
        var configured = desk.Next();
        Assert.Equal($$"""{"videoroom":"event","room":"{{Desk.Room}}","configured":"ok","audio_codec":"opus","video_codec":"vp8"}""", configured["plugindata"]!["data"]!.ToJsonString());
        Assert.Equal("""{"type":"answer","sdp":"v=0 answer"}""", configured["jsep"]!.ToJsonString());
        Assert.Equal("m1", (string?)configured["transaction"]);
    }

    [Theory]
    [InlineData("""{"request":"publish","audiocodec":"opus","videocodec":"h264"}""", "opus,h264")]
    [InlineData("""{"request":"configure","audio":true,"video":true,"videocodec":"vp9"}""", "vp9")]
    [InlineData("""{"request":"configure"}""", "")]
    public void Codecs_that_the_publisher_asks_for_go_to_the_node(string body, string expected)
    {
        var desk = new Desk();
        desk.Create();
        var (handle, _) = desk.Join();
        desk.Message(handle, body, Offer);
        Assert.Equal(expected, string.Join(',', desk.Expect<PublishPeer>().Request.Codecs));
    }

    [Fact]
    public void Renegotiation_uses_the_same_peer()
    {
        var desk = new Desk();
        desk.Create();
        var (handle, _) = desk.Join();
        var first = Publish(desk, handle);
        desk.Message(handle, """{"request":"configure"}""", Offer);
        var again = desk.Expect<PublishPeer>();
        Assert.Equal(first, again.PeerId);
        // Its cap is none of this offer's business.
        Assert.False(again.Request.HasBitrateBps);
    }

    [Fact]
    public void Offer_may_come_with_a_cap()
    {
        var desk = new Desk();
        desk.Create();
        var (handle, _) = desk.Join();
        desk.Message(handle, """{"request":"configure","bitrate":500000}""", Offer);
        Assert.Equal(500_000u, desk.Expect<PublishPeer>().Request.BitrateBps);
    }

    [Fact]
    public void Key_frame_and_bitrate_go_to_the_publishing_peer()
    {
        var desk = new Desk();
        desk.Create();
        var (handle, _) = desk.Join();
        var peer = Publish(desk, handle);
        desk.Message(handle, $$"""{"request":"configure","room":"{{Desk.Room}}","keyframe":true,"bitrate":0}""");
        var configure = desk.Expect<ConfigurePeer>(out var address);
        Assert.Equal(peer, configure.PeerId);
        Assert.True(configure.Request.KeyFrame);
        Assert.True(configure.Request.HasBitrateBps);
        desk.Complete(configure, address, new());
        desk.Next();
        Assert.Equal("ok", (string?)desk.Next()["plugindata"]!["data"]!["configured"]);
    }

    [Fact]
    public void Bad_offer_is_an_event_that_says_what_is_wrong()
    {
        var desk = new Desk();
        desk.Create();
        var (handle, _) = desk.Join();
        desk.Message(handle, """{"request":"configure"}""", Offer);
        desk.Next();
        desk.Refuse(desk.Expect<PublishPeer>(out var address), address, 437, "Invalid SDP (line 3)");
        Assert.Equal("""{"videoroom":"event","error_code":437,"error":"Invalid SDP (line 3)"}""", desk.Next()["plugindata"]!["data"]!.ToJsonString());
    }

    [Fact]
    public void Joinandconfigure_answers_once_with_the_list_and_the_answer()
    {
        var desk = new Desk();
        desk.Create();
        desk.Message(desk.Attach(), $$"""{"request":"joinandconfigure","room":"{{Desk.Room}}","ptype":"publisher"}""", Offer);
        desk.Complete(desk.Expect<CheckAccess>(out var address), address, new(null));
        desk.Complete(desk.Expect<EnterRoom>(out address), address, new RoomEntry(new(Desk.Room, "n", 3, 42), new()));
        desk.Complete(desk.Expect<PublishPeer>(out address), address, new() { SdpAnswer = "v=0 answer" });
        Assert.Equal("ack", (string?)desk.Next()["janus"]);
        var joined = desk.Next();
        Assert.Equal("joined", (string?)joined["plugindata"]!["data"]!["videoroom"]);
        Assert.Equal("answer", (string?)joined["jsep"]!["type"]);
    }

    [Fact]
    public void Failed_joinandconfigure_leaves_the_room_again()
    {
        var desk = new Desk();
        desk.Create();
        desk.Message(desk.Attach(), $$"""{"request":"joinandconfigure","room":"{{Desk.Room}}"}""", Offer);
        desk.Complete(desk.Expect<CheckAccess>(out var address), address, new(null));
        desk.Complete(desk.Expect<EnterRoom>(out address), address, new RoomEntry(new(Desk.Room, "n", 3, 42), new()));
        desk.Refuse(desk.Expect<PublishPeer>(out address), address, 437, "Invalid SDP");
        Assert.Equal(437, (int?)desk.Next()["error"]!["code"]);
        desk.Expect<LeaveRoom>();
    }

    [Theory]
    [InlineData("""{"request":"publish"}""", null, 429)]
    [InlineData("""{"request":"configure"}""", """{"type":"answer","sdp":"v=0"}""", 431)]
    [InlineData("""{"request":"unpublish"}""", null, 435)]
    [InlineData("""{"request":"start"}""", null, 423)]
    [InlineData("""{"request":"join","room":"5fb1d8a9c2e4f6a7b8c9d0e1","ptype":"listener","feed":43}""", null, 425)]
    public void What_a_publisher_cannot_do_is_refused_by_an_event(string body, string? jsep, int code)
    {
        var desk = new Desk();
        desk.Create();
        var (handle, _) = desk.Join();
        desk.Message(handle, body, jsep);
        Assert.Equal("ack", (string?)desk.Next()["janus"]);
        Assert.Equal(code, (int?)desk.Next()["plugindata"]!["data"]!["error_code"]);
    }

    [Fact]
    public void Leave_with_a_null_room_leaves_the_handles_room()
    {
        var desk = new Desk();
        desk.Create();
        var (handle, seat) = desk.Join();
        desk.Message(handle, """{"request":"leave","room":null,"id":42}""");
        Assert.Equal("ack", (string?)desk.Next()["janus"]);
        var leave = desk.Expect<LeaveRoom>(out var address);
        Assert.Same(seat, leave.Seat);
        desk.Complete(leave, address, Done.Value);
        Assert.Equal($$"""{"videoroom":"event","room":"{{Desk.Room}}","leaving":"ok"}""", desk.Next()["plugindata"]!["data"]!.ToJsonString());
    }

    [Fact]
    public void Participants_are_listed_in_a_synchronous_success()
    {
        var desk = new Desk();
        desk.Create();
        var (handle, _) = desk.Join();
        desk.Message(handle, $$"""{"request":"listparticipants","room":"{{Desk.Room}}"}""");
        var list = desk.Expect<ListRoom>(out var address);
        Assert.Empty(desk.Sent);
        desk.Complete(list, address, new() { Participants = { new Participant { Id = 43, Display = "Bob", Publishing = true } } });
        Assert.Equal(
            $$$$"""{"janus":"success","session_id":{{{{desk.SessionId}}}},"transaction":"m1","sender":{{{{handle}}}},"plugindata":{"plugin":"janus.plugin.videoroom","data":{"videoroom":"participants","room":"{{{{Desk.Room}}}}","participants":[{"id":43,"display":"Bob","publisher":true,"talking":false}]}}}""",
            desk.NextText());
    }

    [Fact]
    public void Participants_of_another_room_are_only_for_those_who_may_enter_it()
    {
        var desk = new Desk();
        desk.Create();
        var (handle, _) = desk.Join();
        desk.Message(handle, """{"request":"listparticipants","room":"aaaaaaaaaaaaaaaaaaaaaaaa"}""");
        desk.Refuse(desk.Expect<CheckAccess>(out var address), address, 433, "Unauthorized");
        var refusal = desk.Next();
        Assert.Equal("success", (string?)refusal["janus"]);
        Assert.Equal(433, (int?)refusal["plugindata"]!["data"]!["error_code"]);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(426, false)]
    [InlineData(433, false)]
    public void Room_exists_for_those_who_may_see_it(int refusal, bool exists)
    {
        var desk = new Desk();
        desk.Create();
        desk.Message(desk.Attach(), $$"""{"request":"exists","room":"{{Desk.Room}}"}""");
        var access = desk.Expect<CheckAccess>(out var address);
        if (refusal == 0)
            desk.Complete(access, address, new(null));
        else
            desk.Refuse(access, address, refusal, "no");
        Assert.Equal(exists, (bool?)desk.Next()["plugindata"]!["data"]!["exists"]);
    }

    private static ulong Publish(Desk desk, ulong handle)
    {
        desk.Message(handle, """{"request":"configure"}""", Offer);
        var publish = desk.Expect<PublishPeer>(out var address);
        desk.Complete(publish, address, new() { SdpAnswer = "v=0" });
        desk.Next();
        desk.Next();
        return publish.PeerId;
    }
}
