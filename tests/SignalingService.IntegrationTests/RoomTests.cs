using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.Testing;
using SignalingService.IntegrationTests.Fixtures;
using SignalingService.Rooms;

namespace SignalingService.IntegrationTests;

public sealed class RoomTests(TwoInstances instances) : IClassFixture<TwoInstances>
{
    private static int s_rooms;

    private readonly string _room = $"{Interlocked.Increment(ref s_rooms):x23}a";

    [Fact]
    public async Task Publishers_on_two_instances_meet_and_part()
    {
        await using var node = await NodeAsync();
        await using var ann = await JanusClient.ConnectAsync(instances.First, 1);
        await using var bob = await JanusClient.ConnectAsync(instances.Second, 2);
        var (annsHandle, bobsHandle) = (await ann.AttachAsync(), await bob.AttachAsync());
        Assert.Empty((await ann.JoinAsync(annsHandle, _room))["publishers"]!.AsArray());
        Assert.Equal("opus", (string?)(await ann.PublishAsync(annsHandle))["audio_codec"]);
        await ann.Socket.WaitAsync(frame => (string?)frame["janus"] == "webrtcup");
        var joined = await bob.JoinAsync(bobsHandle, _room);
        Assert.Equal(1, (int?)joined["publishers"]![0]!["id"]);
        await bob.PublishAsync(bobsHandle);
        await ann.EventAsync(annsHandle, data => (int?)data["publishers"]?[0]?["id"] == 2);

        var watching = await bob.AttachAsync();
        await bob.MessageAsync(watching, new() { ["request"] = "join", ["room"] = _room, ["ptype"] = "listener", ["feed"] = 1 });
        Assert.Equal(1, (int?)(await bob.EventAsync(watching, data => (string?)data["videoroom"] == "attached"))["id"]);
        await bob.MessageAsync(watching, new() { ["request"] = "start", ["room"] = _room }, new() { ["type"] = "answer", ["sdp"] = "v=0" });
        await bob.EventAsync(watching, data => (string?)data["started"] == "ok");

        var list = await bob.MessageAsync(bobsHandle, new() { ["request"] = "listparticipants", ["room"] = _room });
        Assert.Equal("success", (string?)list["janus"]);
        Assert.Equal(2, list["plugindata"]!["data"]!["participants"]!.AsArray().Count);

        // A tab that is closed says nothing.
        await bob.DisposeAsync();
        await ann.EventAsync(annsHandle, data => data["unpublished"] is not null);
        await ann.EventAsync(annsHandle, data => data["leaving"] is not null);
    }

    [Fact]
    public async Task Who_is_in_a_room_subscribes_without_a_look_at_its_row()
    {
        await using var node = await NodeAsync();
        await using var ann = await JanusClient.ConnectAsync(instances.First, 1);
        await using var bob = await JanusClient.ConnectAsync(instances.Second, 2);
        var annsHandle = await ann.AttachAsync();
        await ann.JoinAsync(annsHandle, _room);
        await ann.PublishAsync(annsHandle);
        await bob.JoinAsync(await bob.AttachAsync(), _room);
        await using var database = NpgsqlDataSource.Create(instances.Database);
        await using var delete = database.CreateCommand($"delete from signaling.room_assignment where room_id = '{_room}'");
        Assert.Equal(1, await delete.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));

        var watching = await bob.AttachAsync();
        await bob.MessageAsync(watching, new() { ["request"] = "join", ["room"] = _room, ["ptype"] = "listener", ["feed"] = 1 });
        await bob.EventAsync(watching, data => (string?)data["videoroom"] == "attached");

        // Whoever looks and finds no row makes one.
        await using var count = database.CreateCommand($"select count(*) from signaling.room_assignment where room_id = '{_room}'");
        Assert.Equal(0L, await count.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("404", 426)]
    [InlineData("403", 433)]
    public async Task Room_that_is_no_meeting_of_the_user_is_refused_by_an_error(string ending, int code)
    {
        await using var ann = await JanusClient.ConnectAsync(instances.First, 1);
        var refusal = await ann.JoinAsync(await ann.AttachAsync(), _room[..21] + ending);
        Assert.Equal("error", (string?)refusal["janus"]);
        Assert.Equal(code, (int?)refusal["error"]!["code"]);
    }

    [Fact]
    public async Task User_who_comes_again_on_the_other_instance_replaces_the_ghost()
    {
        await using var node = await NodeAsync();
        await using var ghost = await JanusClient.ConnectAsync(instances.First, 1);
        var ghostsHandle = await ghost.AttachAsync();
        await ghost.JoinAsync(ghostsHandle, _room);
        await ghost.PublishAsync(ghostsHandle);
        await using var ann = await JanusClient.ConnectAsync(instances.Second, 1);
        Assert.Equal("joined", (string?)(await ann.JoinAsync(await ann.AttachAsync(), _room))["videoroom"]);
        Assert.Equal("replaced", (string?)(await ghost.EventAsync(ghostsHandle, data => (string?)data["leaving"] == "ok"))["reason"]);
        await ghost.Socket.WaitAsync(frame => (string?)frame["janus"] == "hangup");
        await ghost.DisposeAsync();
        await using var bob = await JanusClient.ConnectAsync(instances.First, 2);
        var handle = await bob.AttachAsync();
        await bob.JoinAsync(handle, _room);
        var list = await bob.MessageAsync(handle, new() { ["request"] = "listparticipants", ["room"] = _room });
        Assert.Equal(2, list["plugindata"]!["data"]!["participants"]!.AsArray().Count);
    }

    [Fact]
    public async Task Ghost_on_the_same_instance_does_not_take_its_successor_along()
    {
        await using var node = await NodeAsync();
        await using var ghost = await JanusClient.ConnectAsync(instances.First, 1);
        await ghost.JoinAsync(await ghost.AttachAsync(), _room);
        await using var ann = await JanusClient.ConnectAsync(instances.First, 1);
        var handle = await ann.AttachAsync();
        await ann.JoinAsync(handle, _room);
        await ghost.RequestAsync("destroy");
        var list = await ann.MessageAsync(handle, new() { ["request"] = "listparticipants", ["room"] = _room });
        Assert.Single(list["plugindata"]!["data"]!["participants"]!.AsArray());
        Assert.Empty(node.Leaves);
    }

    [Fact]
    public async Task Lost_node_is_told_and_the_room_can_be_joined_again_on_another_in_a_later_epoch()
    {
        var node = await NodeAsync();
        await using var ann = await JanusClient.ConnectAsync(instances.First, 1);
        var handle = await ann.AttachAsync();
        await ann.JoinAsync(handle, _room);
        var epoch = node.Joins.Single().Room.Epoch;
        await node.DisposeAsync();
        await using var other = await NodeAsync();
        var lost = await ann.EventAsync(handle, data => data["error_code"] is not null);
        Assert.Equal("media node lost; join again", (string?)lost["error"]);
        Assert.Equal("joined", (string?)(await ann.JoinAsync(handle, _room))["videoroom"]);
        Assert.True(other.Joins.Single().Room.Epoch > epoch);
    }

    [Fact]
    public async Task Room_that_one_instance_moves_from_a_living_node_is_not_split()
    {
        await using var node = await NodeAsync();
        await using var ann = await JanusClient.ConnectAsync(instances.First, 1);
        var annsHandle = await ann.AttachAsync();
        await ann.JoinAsync(annsHandle, _room);
        await ann.PublishAsync(annsHandle);
        await using var other = await NodeAsync();
        instances.Second.Services.GetRequiredService<NodeTable>().MarkUnreachable(node.Id);
        await using var bob = await JanusClient.ConnectAsync(instances.Second, 2);
        await bob.JoinAsync(await bob.AttachAsync(), _room);
        Assert.Single(other.Joins);

        var lost = await ann.EventAsync(annsHandle, data => data["error_code"] is not null);
        Assert.Equal("media node lost; join again", (string?)lost["error"]);
        await Eventually.BecomesTrue(() => node.Leaves.Count == 1, expectation: "the node that is left is told");
        await ann.JoinAsync(annsHandle, _room);
        Assert.Equal(2, other.Joins.Count);
    }

    [Fact]
    public async Task Interrupted_event_stream_is_opened_again_and_made_up_for()
    {
        await using var node = await NodeAsync();
        await using var ann = await JanusClient.ConnectAsync(instances.First, 1);
        var handle = await ann.AttachAsync();
        await ann.JoinAsync(handle, _room);
        await using var bob = await JanusClient.ConnectAsync(instances.Second, 2);
        var bobsHandle = await bob.AttachAsync();
        await bob.JoinAsync(bobsHandle, _room);
        node.BreakStreams();
        await bob.PublishAsync(bobsHandle);
        await ann.EventAsync(handle, data => (int?)data["publishers"]?[0]?["id"] == 2);
    }

    [Fact]
    public async Task Without_a_node_the_join_says_so()
    {
        await using var alone = await instances.StartAnotherAsync();
        await using var ann = await JanusClient.ConnectAsync(alone, 1);
        var refusal = await ann.JoinAsync(await ann.AttachAsync(), "ffffffffffffffffffffffff");
        Assert.Equal((499, "No media node is available"), ((int)refusal["error"]!["code"]!, (string?)refusal["error"]!["reason"]));
    }

    [Fact]
    public async Task Full_node_is_named_in_the_error_and_the_room_goes_to_another_when_there_is_one()
    {
        await using var full = await NodeAsync();
        full.Full = "the node takes no new rooms from 90 peers on";
        await using var ann = await JanusClient.ConnectAsync(instances.First, 1);
        var handle = await ann.AttachAsync();
        var refusal = await ann.JoinAsync(handle, _room);
        Assert.Equal(499, (int?)refusal["error"]!["code"]);
        Assert.Contains("from 90 peers on", (string?)refusal["error"]!["reason"], StringComparison.Ordinal);

        await using var other = await NodeAsync();
        Assert.Equal("joined", (string?)(await ann.JoinAsync(handle, _room))["videoroom"]);
        Assert.Single(other.Joins);
        Assert.Empty(full.Joins);
    }

    private Task<RecordedNode> NodeAsync() => instances.StartNodeAsync();
}
