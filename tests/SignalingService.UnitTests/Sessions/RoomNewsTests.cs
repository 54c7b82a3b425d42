using System.Text.Json.Nodes;
using MediaNode.Control.V1;
using SignalingService.Sessions;

namespace SignalingService.UnitTests.Sessions;

public sealed class RoomNewsTests
{
    private static readonly Publisher Bob = new() { Id = 43, Display = "Bob" };

    [Fact]
    public void Publisher_is_announced_once_to_clients_of_the_sdk()
    {
        var (desk, handle, _) = Joined();
        desk.Subscribe("listener", 99);
        desk.Hear(handle, Ready(43), sequence: 11);
        desk.Hear(handle, Ready(43), sequence: 12);
        Assert.Equal(43, (int?)Data(desk)["publishers"]![0]!["id"]);
        Assert.Empty(desk.Sent);
    }

    [Fact]
    public void Publisher_is_announced_again_to_stock_clients_when_its_streams_change()
    {
        var (desk, handle, _) = Joined();
        desk.Subscribe("subscriber", 99);
        desk.Hear(handle, Ready(43), sequence: 11);
        desk.Hear(handle, Ready(43), sequence: 12);
        Assert.Equal(2, desk.Sent.Count);
    }

    [Fact]
    public void Nobody_is_announced_to_themselves()
    {
        var (desk, handle, _) = Joined();
        desk.Hear(handle, Ready(42));
        Assert.Empty(desk.Sent);
    }

    [Theory]
    [InlineData(3, 10)]
    [InlineData(2, 11)]
    public void What_the_join_contained_and_what_is_of_another_epoch_is_no_news(ulong epoch, ulong sequence)
    {
        var (desk, handle, _) = Joined();
        desk.Hear(handle, Ready(43), epoch, sequence);
        Assert.Empty(desk.Sent);
    }

    [Fact]
    public void News_during_the_join_comes_after_its_reply()
    {
        var desk = new Desk();
        desk.Create();
        var handle = desk.Attach();
        desk.Message(handle, $$"""{"request":"join","room":"{{Desk.Room}}","ptype":"publisher"}""");
        desk.Complete(desk.Expect<CheckAccess>(out var address), address, new(null));
        var enter = desk.Expect<EnterRoom>(out address);
        desk.Hear(handle, Ready(43), sequence: 5);
        desk.Hear(handle, Ready(44), sequence: 6);
        Assert.Empty(desk.Sent);
        desk.Complete(enter, address, new RoomEntry(new(Desk.Room, "n", 3, 42), new() { Sequence = 5, Publishers = { Bob } }));
        desk.Next();
        Assert.Equal("joined", (string?)Data(desk)["videoroom"]);
        Assert.Equal(44, (int?)Data(desk)["publishers"]![0]!["id"]);
        Assert.Empty(desk.Sent);
    }

    [Fact]
    public void Leaving_publisher_is_unpublished_and_then_leaving_with_numbers()
    {
        var (desk, handle, _) = Joined(Bob);
        desk.Hear(handle, new() { PublisherGone = new() { ParticipantId = 43 } }, sequence: 11);
        desk.Hear(handle, new() { ParticipantLeft = new() { ParticipantId = 43, Reason = "left" } }, sequence: 12);
        Assert.Equal($$"""{"videoroom":"event","room":"{{Desk.Room}}","unpublished":43}""", Data(desk).ToJsonString());
        Assert.Equal($$"""{"videoroom":"event","room":"{{Desk.Room}}","leaving":43}""", Data(desk).ToJsonString());
    }

    [Fact]
    public void Publisher_that_comes_back_is_announced_again()
    {
        var (desk, handle, _) = Joined(Bob);
        desk.Hear(handle, new() { PublisherGone = new() { ParticipantId = 43 } }, sequence: 11);
        desk.Hear(handle, Ready(43), sequence: 12);
        Assert.NotNull(Data(desk)["unpublished"]);
        Assert.NotNull(Data(desk)["publishers"]);
    }

    [Fact]
    public void Joining_participants_are_not_told()
    {
        var (desk, handle, _) = Joined();
        desk.Hear(handle, new() { ParticipantJoined = new() { Participant = new() { Id = 43 } } });
        Assert.Empty(desk.Sent);
    }

    [Fact]
    public void Replaced_ghost_leaves_quietly_and_hangs_up()
    {
        var (desk, handle, seat) = Joined(Bob);
        Publish(desk, handle);
        desk.Hear(handle, new() { ParticipantLeft = new() { ParticipantId = 42, Reason = "replaced" } });
        Assert.Equal($$"""{"videoroom":"event","room":"{{Desk.Room}}","leaving":"ok","reason":"replaced"}""", Data(desk).ToJsonString());
        Assert.Equal("hangup", (string?)desk.Next()["janus"]);
        Assert.Same(seat, desk.Expect<LeaveRoom>().Seat);
    }

    [Fact]
    public void Peer_events_are_told_as_events_of_the_core()
    {
        var (desk, handle, _) = Joined();
        var peer = Publish(desk, handle);
        desk.Hear(handle, new() { PeerConnected = new() { PeerId = peer } }, sequence: 11);
        desk.Hear(handle, new() { MediaChanged = new() { PeerId = peer, Kind = MediaNode.Control.V1.Stream.Types.Kind.Audio, Mid = "0", Receiving = true } }, sequence: 12);
        desk.Hear(handle, new() { SlowLink = new() { PeerId = peer, Kind = MediaNode.Control.V1.Stream.Types.Kind.Video, Mid = "1", Uplink = true, Lost = 9 } }, sequence: 13);
        desk.Hear(handle, new() { PeerClosed = new() { PeerId = peer, Reason = "ice-timeout" } }, sequence: 14);
        var prefix = $"\"session_id\":{desk.SessionId},\"sender\":{handle}";
        Assert.Equal($$"""{"janus":"webrtcup",{{prefix}}}""", desk.NextText());
        Assert.Equal($$"""{"janus":"media",{{prefix}},"type":"audio","receiving":true,"mid":"0"}""", desk.NextText());
        Assert.Equal($$"""{"janus":"slowlink",{{prefix}},"uplink":false,"lost":9,"media":"video","mid":"1"}""", desk.NextText());
        Assert.Equal($$"""{"janus":"hangup",{{prefix}},"reason":"ice-timeout"}""", desk.NextText());
    }

    [Fact]
    public void Change_of_layers_is_told_in_the_words_of_simulcast_or_of_svc()
    {
        var desk = new Desk();
        desk.Create();
        var (handle, peer) = desk.Subscribe();
        desk.Hear(handle, new() { SubscriptionChanged = new() { PeerId = peer, Mid = "1", Substream = 2 } }, sequence: 11);
        desk.Hear(handle, new() { SubscriptionChanged = new() { PeerId = peer, Mid = "1", TemporalLayer = 1 } }, sequence: 12);
        desk.Hear(handle, new() { SubscriptionChanged = new() { PeerId = peer, Mid = "1", SpatialLayer = 1, TemporalLayer = 0 } }, sequence: 13);

        Assert.EndsWith("""
            "mid":"1","substream":2}}}
            """, desk.NextText(), StringComparison.Ordinal);
        Assert.EndsWith("""
            "mid":"1","temporal":1}}}
            """, desk.NextText(), StringComparison.Ordinal);
        Assert.EndsWith("""
            "mid":"1","spatial_layer":1,"temporal_layer":0}}}
            """, desk.NextText(), StringComparison.Ordinal);
    }

    [Fact]
    public void Participant_hears_who_has_the_word()
    {
        var (desk, handle, _) = Joined();
        desk.Hear(handle, new() { DominantSpeaker = new() { ParticipantId = 8 } }, sequence: 11);

        Assert.EndsWith("""
            "active_speaker":8}}}
            """, desk.NextText(), StringComparison.Ordinal);
    }

    [Fact]
    public void Publisher_hears_which_encodings_are_watched()
    {
        var (desk, handle, _) = Joined();
        var peer = Publish(desk, handle);
        desk.Hear(handle, new() { LayersWanted = new() { PeerId = peer, Mid = "1", Substream = 1, Rids = { "q", "h" } } }, sequence: 11);

        Assert.EndsWith("""
            "layers_wanted":{"mid":"1","watched":true,"substream":1,"rids":["q","h"]}}}}
            """, desk.NextText(), StringComparison.Ordinal);
    }

    [Fact]
    public void Peer_that_the_client_closed_itself_does_not_hang_up()
    {
        var (desk, handle, _) = Joined();
        var peer = Publish(desk, handle);
        desk.Message(handle, """{"request":"unpublish"}""");
        desk.Complete(desk.Expect<ClosePeer>(out var address), address, new());
        desk.Next();
        Assert.Equal("ok", (string?)Data(desk)["unpublished"]);
        desk.Hear(handle, new() { PeerClosed = new() { PeerId = peer, Reason = "closed" } });
        Assert.Empty(desk.Sent);
    }

    [Fact]
    public void Talking_is_told_as_stock_janus_does()
    {
        var (desk, handle, _) = Joined();
        desk.Hear(handle, new() { Talking = new() { ParticipantId = 43, Talking_ = true, LevelDbov = 30 } }, sequence: 11);
        desk.Hear(handle, new() { Talking = new() { ParticipantId = 43, Talking_ = false, LevelDbov = 90 } }, sequence: 12);
        Assert.Equal($$"""{"videoroom":"talking","room":"{{Desk.Room}}","id":43,"audio-level-dBov-avg":30}""", Data(desk).ToJsonString());
        Assert.Equal("stopped-talking", (string?)Data(desk)["videoroom"]);
    }

    [Fact]
    public void Lost_node_sends_the_others_away_and_allows_to_join_again_on_the_same_handle()
    {
        var (desk, handle, seat) = Joined(Bob);
        Publish(desk, handle);
        desk.LoseNode(handle, seat);
        Assert.Equal(43, (int?)Data(desk)["unpublished"]);
        Assert.Equal(43, (int?)Data(desk)["leaving"]);
        Assert.Equal($$"""{"videoroom":"event","room":"{{Desk.Room}}","error_code":499,"error":"media node lost; join again"}""", Data(desk).ToJsonString());
        Assert.Empty(desk.Sent);
        desk.Expect<LeaveRoom>();
        desk.Message(handle, $$"""{"request":"join","room":"{{Desk.Room}}","ptype":"publisher"}""");
        desk.Expect<CheckAccess>();
    }

    [Fact]
    public void Loss_of_an_earlier_seat_is_not_the_present_ones()
    {
        var (desk, handle, _) = Joined(Bob);
        desk.LoseNode(handle, new(Desk.Room, "node-0", 2, 42));
        Assert.Empty(desk.Sent);
    }

    [Fact]
    public void Snapshot_makes_up_for_missed_events()
    {
        var (desk, handle, seat) = Joined(Bob, new Publisher { Id = 44 });
        desk.Snapshot(handle, seat, new Participant { Id = 42 }, new Participant { Id = 44 }, new Participant { Id = 45, Publishing = true });
        Assert.Equal(43, (int?)Data(desk)["unpublished"]);
        Assert.Equal(43, (int?)Data(desk)["leaving"]);
        Assert.Equal(44, (int?)Data(desk)["unpublished"]);
        Assert.Equal(45, (int?)Data(desk)["publishers"]![0]!["id"]);
        Assert.Empty(desk.Sent);
    }

    [Fact]
    public void Ended_room_says_so_and_puts_everybody_out()
    {
        var (desk, handle, _) = Joined(Bob);
        desk.Hear(handle, new() { RoomClosed = new() { Reason = "meeting-deleted" } });
        Assert.Equal(43, (int?)Data(desk)["unpublished"]);
        Assert.Equal(43, (int?)Data(desk)["leaving"]);
        Assert.Equal("destroyed", (string?)Data(desk)["videoroom"]);
        Assert.Equal("meeting-deleted", (string?)Data(desk)["reason"]);
    }

    private static RoomEvent Ready(ulong id) => new() { PublisherReady = new() { Publisher = new() { Id = id } } };

    private static JsonNode Data(Desk desk) => desk.Next()["plugindata"]!["data"]!;

    private static (Desk Desk, ulong Handle, RoomSeat Seat) Joined(params Publisher[] publishers)
    {
        var desk = new Desk();
        desk.Create();
        var (handle, seat) = desk.Join(publishers);
        return (desk, handle, seat);
    }

    private static ulong Publish(Desk desk, ulong handle)
    {
        desk.Message(handle, """{"request":"configure"}""", """{"type":"offer","sdp":"v=0"}""");
        var publish = desk.Expect<PublishPeer>(out var address);
        desk.Complete(publish, address, new() { SdpAnswer = "v=0" });
        desk.Next();
        desk.Next();
        return publish.PeerId;
    }
}
