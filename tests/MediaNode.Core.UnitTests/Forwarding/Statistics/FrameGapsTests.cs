using MediaNode.Core.Forwarding.Statistics;
using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Forwarding.Statistics;

public sealed class FrameGapsTests
{
    private static readonly TimeSpan FrameInterval = TimeSpan.FromMilliseconds(33);

    private FrameGaps _gaps;
    private Instant _now = Instant.FromSeconds(1);
    private uint _timestamp = uint.MaxValue - 9000;

    [Fact]
    public void Packets_of_one_frame_count_once_also_when_the_timestamp_wraps()
    {
        for (var frame = 0; frame < 10; frame++)
        {
            Frame(FrameInterval);
            _gaps.HandlePacket(_timestamp, _now);
        }
        Assert.Equal(10, _gaps.Frames);
        Assert.Equal(0, _gaps.Freezes);
    }

    [Theory]
    [InlineData(150, 0)]
    [InlineData(190, 1)]
    [InlineData(1900, 1)]
    public void Gap_of_three_intervals_and_150_ms_more_than_one_is_a_freeze(int milliseconds, int freezes)
    {
        for (var frame = 0; frame < 40; frame++)
            Frame(FrameInterval);
        Frame(TimeSpan.FromMilliseconds(milliseconds));
        Assert.Equal(freezes, _gaps.Freezes);
        Assert.Equal(freezes * milliseconds, _gaps.Frozen.TotalMilliseconds);
        Assert.Equal(0, _gaps.Pauses);
    }

    [Fact]
    public void Two_seconds_are_a_pause_and_no_freeze()
    {
        for (var frame = 0; frame < 40; frame++)
            Frame(FrameInterval);
        Frame(TimeSpan.FromSeconds(2));
        Assert.Equal((0, 1), (_gaps.Freezes, _gaps.Pauses));
    }

    [Fact]
    public void Screen_with_a_frame_a_second_does_not_freeze_all_the_time()
    {
        for (var frame = 0; frame < 60; frame++)
            Frame(TimeSpan.FromSeconds(1));
        Assert.Equal(0, _gaps.Freezes);
    }

    [Fact]
    public void Late_packet_of_an_older_frame_is_no_frame()
    {
        Frame(FrameInterval);
        Frame(FrameInterval);
        _gaps.HandlePacket(_timestamp - 3000, _now);
        Assert.Equal(2, _gaps.Frames);
    }

    private void Frame(TimeSpan interval)
    {
        _now += interval;
        _timestamp += 3000;
        _gaps.HandlePacket(_timestamp, _now);
    }
}
