using MediaNode.Core.Forwarding.Layers;

namespace MediaNode.Core.UnitTests.Forwarding.Layers;

public sealed class LayerSelectorTests
{
    private readonly LayerSelector _selector = new() { ChoosesSpatial = true };

    [Theory]
    // Each picture as its temporal layer; y marks VP8's layer sync; upper case K a key frame. What goes out follows.
    [InlineData(0, 2, "0 2 1 2 0 2 1 2", "0 0")]
    [InlineData(0, 2, "0y 2y 1y 2 0 2y 1 2", "0y 1y 0 2y 1 2")]
    [InlineData(0, 1, "0 1 2y 1y 2 0 1 2", "0 1y 0 1")]
    [InlineData(0, 2, "0 2 K 2 1 2", "0 K 2 1 2")]
    public void Temporal_layers_of_vp8_are_joined_one_by_one_at_their_sync_frames(byte before, byte after, string pictures, string forwarded)
    {
        _selector.Wish = new(0, before);
        _selector.Restart(null);
        _selector.Wish = new(0, after);

        Assert.Equal(forwarded, string.Join(' ', pictures.Split(' ').Where(picture => _selector.Take(Vp8(picture), null))));
    }

    [Theory]
    // u marks VP9's switching up point.
    [InlineData("0 2 1 2 0u 2 1 2", "0 0u 2 1 2")]
    [InlineData("0 2u 1u 2 0 2", "0 0")]
    public void Temporal_layers_of_vp9_are_joined_together_at_a_switching_point_below_them(string pictures, string forwarded)
    {
        _selector.Wish = new(0, 0);
        _selector.Restart(null);
        _selector.Wish = Layer.All;

        Assert.Equal(forwarded, string.Join(' ', pictures.Split(' ').Where(picture => _selector.Take(Vp9(picture), null))));
    }

    [Fact]
    public void Going_down_takes_effect_with_the_next_picture()
    {
        _selector.Restart(null);
        Assert.True(_selector.Take(Vp8("2"), null));

        _selector.Allowance = new(0, 1);

        Assert.False(_selector.Take(Vp8("2"), null));
        Assert.True(_selector.Take(Vp8("1"), null));
        Assert.Equal(1, _selector.TemporalLimit);
        Assert.Equal(0, _selector.SpatialLimit);
    }

    [Theory]
    [InlineData(2, 2, 1, 1, 1, 1)]
    [InlineData(0, 2, 1, 1, 0, 1)]
    [InlineData(255, 255, 2, 0, 2, 0)]
    public void Target_is_the_lower_one_of_wish_and_allowance(byte wishSpatial, byte wishTemporal, byte spatial, byte temporal, byte expectedSpatial, byte expectedTemporal)
    {
        _selector.Wish = new(wishSpatial, wishTemporal);
        _selector.Allowance = new(spatial, temporal);

        Assert.Equal(new Layer(expectedSpatial, expectedTemporal), _selector.Target);
        _selector.Allowance = null;
        Assert.True(_selector.IsBlocked);
    }

    [Fact]
    public void Spatial_layer_is_joined_where_it_needs_no_earlier_picture()
    {
        _selector.Wish = new(0, 9);
        _selector.Restart(null);
        _selector.Wish = new(1, 9);
        var predicted = new PacketLayer { Spatial = 1, Marks = PacketMarks.StartsFrame | PacketMarks.IsInterPicturePredicted };

        Assert.False(_selector.TryRaiseSpatial(predicted));
        Assert.False(_selector.TryRaiseSpatial(predicted with { Marks = PacketMarks.None }));
        Assert.False(_selector.TryRaiseSpatial(predicted with { Spatial = 2, Marks = PacketMarks.StartsFrame }));
        Assert.True(_selector.TryRaiseSpatial(predicted with { Marks = PacketMarks.StartsFrame }));
        Assert.Equal(1, _selector.SpatialLimit);
    }

    private static PacketLayer Vp8(string picture) => picture == "K"
        ? new() { Marks = PacketMarks.StartsKeyFrame | PacketMarks.IsLayered }
        : new() { Temporal = (byte)(picture[0] - '0'), Marks = PacketMarks.IsLayered | (picture.EndsWith('y') ? PacketMarks.JoinsOwnLayer : 0) };

    private static PacketLayer Vp9(string picture) =>
        new() { Temporal = (byte)(picture[0] - '0'), Marks = PacketMarks.IsLayered | (picture.EndsWith('u') ? PacketMarks.JoinsHigherLayers : 0) };
}
