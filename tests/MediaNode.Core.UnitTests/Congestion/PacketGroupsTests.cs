using MediaNode.Core.Congestion;
using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Congestion;

public sealed class PacketGroupsTests
{
    private readonly PacketGroups _groups = new();

    [Fact]
    public void Packets_of_one_frame_are_one_group()
    {
        Assert.Null(Add(0, 50));
        Assert.Null(Add(0, 52));
        Assert.Null(Add(3, 54));
        Assert.Null(Add(33, 90));
        Assert.Null(Add(33, 92));

        // The third group shows that the second one is complete.
        var delta = Add(66, 116);

        Assert.NotNull(delta);
        Assert.Equal(TimeSpan.FromMilliseconds(33), delta.Value.Send);
        Assert.Equal(TimeSpan.FromMilliseconds(40), delta.Value.Arrival);
    }

    [Fact]
    public void Packets_that_a_stalled_link_lets_go_at_once_are_one_group()
    {
        Add(0, 50);
        Add(20, 200);
        Assert.Null(Add(40, 201));
        Assert.Null(Add(60, 202));

        var delta = Add(180, 230);

        Assert.Equal(TimeSpan.FromMilliseconds(20), delta!.Value.Send);
        Assert.Equal(TimeSpan.FromMilliseconds(150), delta.Value.Arrival);
    }

    [Fact]
    public void Overtaken_packet_changes_nothing()
    {
        Add(0, 50);
        Add(33, 83);
        Assert.Null(Add(0, 84));

        var delta = Add(66, 116);

        Assert.Equal(TimeSpan.FromMilliseconds(33), delta!.Value.Arrival);
    }

    [Fact]
    public void Jump_of_the_receivers_clock_starts_afresh()
    {
        Add(0, 50);
        Add(33, 83);
        Assert.NotNull(Add(66, 3_600_116));
        Assert.Null(Add(99, 3_600_149));
        Assert.Null(Add(132, 3_600_182));

        var delta = Add(165, 3_600_215);

        Assert.Equal(TimeSpan.FromMilliseconds(33), delta!.Value.Arrival);
    }

    private GroupDelta? Add(long sent, long arrived) =>
        _groups.TryAdd(new(Instant.FromMilliseconds(sent), TimeSpan.FromMilliseconds(arrived), 1000, 0), out var delta) ? delta : null;
}
