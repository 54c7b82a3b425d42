using MediaNode.Core.Congestion;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.UnitTests.Congestion;

public sealed class BandwidthAllocatorTests
{
    /// <summary>Kilobits of three layers.</summary>
    private static readonly long[] Layers = [150, 500, 1500];

    [Theory]
    [InlineData(100, -1, -1, -1)]
    [InlineData(170, 0, -1, -1)]
    [InlineData(500, 0, 0, 0)]
    [InlineData(900, 1, 0, 0)]
    [InlineData(2000, 2, 0, 0)]
    [InlineData(2400, 2, 1, 0)]
    [InlineData(3900, 2, 2, 1)]
    [InlineData(6000, 2, 2, 2)]
    public void Everybody_is_seen_before_anybody_is_seen_well_and_speakers_come_first(long kilobits, int speaker, int first, int second)
    {
        var chosen = Share(kilobits, [(VideoPriority.Other, -1), (VideoPriority.Speaker, -1), (VideoPriority.Other, -1)]);

        Assert.Equal(speaker, chosen[1]);
        Assert.Equal(first + second, chosen[0] + chosen[2]);
        Assert.InRange(chosen[0] - chosen[2], -1, 1);
    }

    [Fact]
    public void Screen_comes_before_the_speaker()
    {
        Assert.Equal([1, 2], Share(2400, [(VideoPriority.Speaker, -1), (VideoPriority.Screen, -1)]));
    }

    [Fact]
    public void What_is_there_may_stay_where_it_would_not_be_begun()
    {
        Assert.Equal([2], Share(1480, [(VideoPriority.Other, 2)]));
        Assert.Equal([1], Share(1480, [(VideoPriority.Other, 1)]));
        Assert.Equal([1], Share(1400, [(VideoPriority.Other, 2)]));
    }

    private static int[] Share(long kilobits, (VideoPriority Priority, int Chosen)[] videos)
    {
        var demands = Array.ConvertAll(videos, video => new VideoDemand { Priority = video.Priority, Options = Layers.Length, Chosen = video.Chosen });
        BandwidthAllocator.Share(Bitrate.FromKilobits(kilobits), demands, Array.ConvertAll(Layers, Bitrate.FromKilobits), new int[videos.Length]);
        return Array.ConvertAll(demands, demand => demand.Chosen);
    }
}
