using MediaNode.Core.Forwarding;
using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Forwarding;

public sealed class BacklogTests
{
    private const int Bytes = 1000;

    private readonly Backlog _backlog = new();
    private readonly PacketHistory _history = new(PacketHistory.VideoBytes);
    private ulong _next = 1;

    [Fact]
    public void Pictures_that_wait_for_half_a_second_are_overdue()
    {
        Add(picture: 1, isKeyFrame: false, at: 0);

        Assert.False(IsOverdue(at: 300));
        Assert.True(IsOverdue(at: 500));
    }

    [Fact]
    public void Key_frame_and_what_follows_it_may_take_seconds_but_not_for_ever()
    {
        Add(picture: 1, isKeyFrame: true, at: 0);
        Add(picture: 2, isKeyFrame: false, at: 100);

        Assert.True(_backlog.IsCatchingUp);
        Assert.False(IsOverdue(at: 8000));
        Assert.True(IsOverdue(at: 13_000));
        Assert.True(_backlog.IsOverdue(_history, drainTime: TimeSpan.FromSeconds(20), Instant.FromMilliseconds(100)));
    }

    [Fact]
    public void It_has_caught_up_when_the_last_packet_has_left()
    {
        Add(picture: 1, isKeyFrame: true, at: 0);
        Add(picture: 2, isKeyFrame: false, at: 100);

        Assert.True(_backlog.TryTake(default, Instant.FromMilliseconds(200), out _));
        Assert.True(_backlog.IsCatchingUp);
        Assert.True(_backlog.TryTake(default, Instant.FromMilliseconds(200), out _));
        Assert.False(_backlog.IsCatchingUp);
        Assert.Equal((0, 0), (_backlog.Packets, _backlog.Bytes));
    }

    /// <summary>Of the first key frame a part has left, the second has not begun: the third takes the place of the second and of the pictures between.</summary>
    [Fact]
    public void Newer_key_frame_takes_the_place_of_what_has_not_begun()
    {
        Add(picture: 1, isKeyFrame: true, at: 0);
        Add(picture: 1, isKeyFrame: true, at: 0);
        Add(picture: 2, isKeyFrame: false, at: 100);
        Add(picture: 3, isKeyFrame: true, at: 1000);
        // Overtook the first packet of the key frame that comes now.
        Add(picture: 4, isKeyFrame: false, at: 2000);
        Add(picture: 5, isKeyFrame: false, at: 2000);
        Assert.True(_backlog.TryTake(default, Instant.FromMilliseconds(10), out var left));

        Assert.Equal([2u, 3u], DropSuperseded(newer: 4, left.Picture));

        Assert.Equal([1u, 4u, 5u], Drain());
    }

    [Fact]
    public void Rest_of_a_larger_key_frame_goes_too()
    {
        Add(picture: 1, isKeyFrame: true, at: 0);
        Add(picture: 1, isKeyFrame: true, at: 0);
        Assert.True(_backlog.TryTake(default, Instant.FromMilliseconds(10), out _));

        Assert.Equal([1u], DropSuperseded(newer: 9, left: null));
    }

    [Fact]
    public void More_than_the_history_can_hold_is_overdue_and_the_history_grows_up_to_then()
    {
        for (var i = 0; i < 500; i++)
            Add(picture: 1, isKeyFrame: true, at: 0);
        Assert.False(IsOverdue(at: 100));

        for (var i = 0; i < 40; i++)
            Add(picture: 1, isKeyFrame: true, at: 0);
        Assert.True(IsOverdue(at: 100));
    }

    [Fact]
    public void Order_is_kept_while_the_queue_grows()
    {
        for (uint picture = 0; picture < 500; picture++)
            Add(picture, isKeyFrame: false, at: 0);

        Assert.Equal(Enumerable.Range(0, 500).Select(picture => (uint)picture), Drain());
    }

    private void Add(uint picture, bool isKeyFrame, long at) => _backlog.Add(new(_next++, Bytes, new(0, picture), isKeyFrame, Instant.FromMilliseconds(at)));

    private bool IsOverdue(long at) => _backlog.IsOverdue(_history, TimeSpan.Zero, Instant.FromMilliseconds(at));

    private List<uint> DropSuperseded(uint newer, PictureId? left)
    {
        var dropped = new List<uint>();
        var unseen = _backlog.Packets;
        while (_backlog.TryDropSuperseded(ref unseen, new(0, newer), left, out var packet))
            dropped.Add(packet.Picture.Timestamp);
        return dropped;
    }

    private List<uint> Drain()
    {
        var taken = new List<uint>();
        while (_backlog.TryTake(default, Instant.FromSeconds(1), out var packet))
            taken.Add(packet.Picture.Timestamp);
        return taken;
    }
}
