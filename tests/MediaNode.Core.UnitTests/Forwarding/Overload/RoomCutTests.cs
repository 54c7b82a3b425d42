using MediaNode.Core.Forwarding.Overload;

namespace MediaNode.Core.UnitTests.Forwarding.Overload;

public sealed class RoomCutTests
{
    /// <summary>Simulcast with temporal layers: 100 as wanted, 50 at the lowest frame rate, 10 with the smallest picture.</summary>
    private static readonly TrackCost[] Tracks = [new(100, 50, 10, 5), new(100, 50, 10, 5), new(100, 50, 10, 5)];

    [Theory]
    [InlineData(300, CutStep.None, int.MaxValue)]
    [InlineData(299, CutStep.LowestFrameRate, int.MaxValue)]
    [InlineData(150, CutStep.LowestFrameRate, int.MaxValue)]
    [InlineData(149, CutStep.SmallestPicture, int.MaxValue)]
    [InlineData(30, CutStep.SmallestPicture, int.MaxValue)]
    [InlineData(29, CutStep.FewerTracks, 2)]
    [InlineData(10, CutStep.FewerTracks, 1)]
    [InlineData(9, CutStep.FewerReceivers, 1, 4)]
    [InlineData(4, CutStep.FewerReceivers, 1, 2)]
    [InlineData(0, CutStep.FewerReceivers, 1, 1)]
    internal void Least_cut_that_fits_the_share_is_taken(double share, CutStep step, int tracks, int receivers = int.MaxValue) =>
        Assert.Equal(new(step, tracks, receivers), RoomCut.Decide(Tracks, share, RoomCut.None));

    [Fact]
    public void Room_without_video_is_never_cut() => Assert.Equal(RoomCut.None, RoomCut.Decide([], 0, RoomCut.None));

    [Fact]
    public void Tracks_that_nobody_gets_take_no_place() =>
        Assert.Equal(new(CutStep.FewerReceivers, 3, 2), RoomCut.Decide([default, default, .. Tracks], 5, RoomCut.None));

    [Fact]
    public void Going_back_needs_some_room_to_spare()
    {
        var cut = RoomCut.Decide(Tracks, 299, RoomCut.None);
        Assert.Equal(cut, RoomCut.Decide(Tracks, 301, cut));
        Assert.Equal(RoomCut.None, RoomCut.Decide(Tracks, 340, cut));
    }

    [Fact]
    public void Receivers_come_back_when_there_is_room_to_spare()
    {
        var cut = RoomCut.Decide([new(1000, 1000, 1000, 100)], 500, RoomCut.None);
        Assert.Equal(new(CutStep.FewerReceivers, 1, 50), cut);
        Assert.Equal(cut, RoomCut.Decide([new(1000, 1000, 1000, 100)], 515, cut));
        Assert.Equal(57, RoomCut.Decide([new(1000, 1000, 1000, 100)], 600, cut).Receivers);
        Assert.Equal(40, RoomCut.Decide([new(1000, 1000, 1000, 100)], 400, cut).Receivers);
    }

    [Fact]
    public void A_share_that_falls_cuts_at_once()
    {
        var cut = RoomCut.Decide(Tracks, 299, RoomCut.None);
        Assert.Equal(CutStep.FewerTracks, RoomCut.Decide(Tracks, 20, cut).Step);
    }

    [Fact]
    public void Without_overload_everything_goes_out() =>
        Assert.Equal(RoomCut.None, RoomCut.Decide(Tracks, double.PositiveInfinity, new(CutStep.FewerTracks, 1)));
}
