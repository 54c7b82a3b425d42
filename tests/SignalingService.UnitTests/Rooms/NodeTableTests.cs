using MediaNode.Contracts;
using Microsoft.Extensions.Time.Testing;
using SignalingService.Rooms;

namespace SignalingService.UnitTests.Rooms;

public sealed class NodeTableTests
{
    private static readonly TimeSpan LongAgo = TimeSpan.FromHours(1);

    private readonly FakeTimeProvider _time = new();
    private readonly NodeTable _nodes;

    public NodeTableTests() => _nodes = new(_time);

    [Fact]
    public void Least_loaded_fresh_node_is_taken_and_a_draining_or_full_one_is_not()
    {
        Hear("a", 0.5);
        Hear("b", 0.2);
        Hear("c", 0.1, draining: true);
        Hear("d", 1);
        Assert.Equal("b", _nodes.LeastLoaded()?.NodeId);
        Assert.Equal("a", _nodes.LeastLoaded(except: "b")?.NodeId);
    }

    [Fact]
    public void Silent_node_is_gone_while_another_is_heard()
    {
        Hear("a", 0);
        _time.Advance(NodeHeartbeat.FreshFor * 2);
        Hear("b", 0.9);
        Assert.True(_nodes.IsGone("a", LongAgo));
        Assert.False(_nodes.IsGone("b", LongAgo));
        Assert.Equal("b", _nodes.LeastLoaded()?.NodeId);
    }

    [Fact]
    public void Node_that_refused_a_room_keeps_its_rooms_and_gets_no_new_one_for_a_while()
    {
        Hear("a", 0.1);
        Hear("b", 0.9);
        _nodes.MarkRefused("a");
        Hear("a", 0.1);
        Assert.Equal("b", _nodes.LeastLoaded()?.NodeId);
        Assert.False(_nodes.IsGone("a", LongAgo));

        _time.Advance(TimeSpan.FromSeconds(6));
        Hear("a", 0.1);
        Assert.Equal("a", _nodes.LeastLoaded()?.NodeId);
    }

    [Fact]
    public void When_all_are_silent_it_is_the_broker()
    {
        Hear("a", 0);
        Hear("b", 0);
        _time.Advance(NodeHeartbeat.FreshFor * 2);
        Assert.False(_nodes.IsGone("a", LongAgo));
        Assert.Equal(0, _nodes.CountFresh());
    }

    [Fact]
    public void While_the_broker_is_away_rooms_go_to_the_nodes_that_were_heard_until_then()
    {
        Hear("long gone", 0);
        _time.Advance(NodeHeartbeat.FreshFor * 2);
        Hear("a", 0.5);
        Hear("b", 0.2);
        _time.Advance(NodeHeartbeat.FreshFor * 2);
        Assert.Equal("b", _nodes.LeastLoaded()?.NodeId);
        _nodes.MarkUnreachable("b");
        Assert.Equal("a", _nodes.LeastLoaded()?.NodeId);
        _nodes.MarkUnreachable("a");
        Assert.Null(_nodes.LeastLoaded());
    }

    [Fact]
    public void Unreachable_node_is_avoided_for_a_while_although_it_is_heard()
    {
        Hear("a", 0);
        _nodes.MarkUnreachable("a");
        Hear("a", 0);
        Assert.True(_nodes.IsGone("a", LongAgo));
        Assert.Null(_nodes.LeastLoaded());
        _time.Advance(TimeSpan.FromSeconds(6));
        Hear("a", 0);
        Assert.Equal("a", _nodes.LeastLoaded()?.NodeId);
    }

    [Fact]
    public void Unknown_node_is_believed_in_until_it_had_time_to_be_heard()
    {
        Hear("a", 0);
        Assert.False(_nodes.IsGone("z", LongAgo));
        _time.Advance(NodeHeartbeat.FreshFor * 2);
        Hear("a", 0);
        Assert.True(_nodes.IsGone("z", LongAgo));
    }

    [Fact]
    public void Unknown_node_that_has_just_got_the_room_was_heard_by_somebody_else()
    {
        Hear("a", 0);
        _time.Advance(NodeHeartbeat.FreshFor * 2);
        Hear("a", 0);
        Assert.False(_nodes.IsGone("z", NodeHeartbeat.FreshFor / 2));
        Assert.True(_nodes.IsGone("z", NodeHeartbeat.FreshFor * 2));
    }

    private void Hear(string id, double load, bool draining = false) =>
        _nodes.Hear(new(id, id, "http://127.0.0.1:1", _time.GetUtcNow(), 0, 0, load, draining));
}
