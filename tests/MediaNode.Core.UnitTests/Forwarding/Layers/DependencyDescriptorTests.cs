using MediaNode.Core.Rtp;

namespace MediaNode.Core.UnitTests.Forwarding.Layers;

public sealed class DependencyDescriptorTests
{
    private readonly DependencyStructure _structure = new();
    private readonly DependencyStructure _scratch = new();

    [Fact]
    public void Structure_of_a_key_frame_is_read_whole()
    {
        Assert.True(DependencyDescriptor.TryParse(Structures.L2T2Key.Write(0, 1234, hasStructure: true), null, _structure, out var descriptor, out _));

        Assert.True(descriptor.StartsFrame && descriptor.EndsFrame && descriptor.HasStructure);
        Assert.Equal(1234, descriptor.FrameNumber);
        Assert.Equal(0ul, descriptor.References);
        Assert.Equal(0b1111u, descriptor.ActiveTargets);
        Assert.Equal((6, 4, 0), (_structure.TemplateCount, _structure.TargetCount, _structure.ChainCount));
        Assert.Equal((1, 1), (_structure.HighestSpatial, _structure.HighestTemporal));
        Assert.Equal([(0, 0), (0, 1), (1, 0), (1, 1)], Enumerable.Range(0, 4).Select(_structure.Target).Select(target => ((int)target.Spatial, (int)target.Temporal)));
    }

    [Fact]
    public void Structure_may_tell_the_sizes_of_the_spatial_layers()
    {
        var writer = new DescriptorWriter(Structures.L2T2Key.Templates, sizes: [(640, 360), (1280, 720)]);
        Assert.True(DependencyDescriptor.TryParse(writer.Write(0, 1, hasStructure: true), null, _structure, out _, out _));
        Assert.Equal([new(640, 360), new(1280, 720)], _structure.Sizes.ToArray());

        Assert.True(DependencyDescriptor.TryParse(Structures.L2T2Key.Write(0, 1, hasStructure: true), null, _structure, out _, out _));
        Assert.Empty(_structure.Sizes.ToArray());
    }

    [Theory]
    [InlineData(2, 0, 1, 0b10)]
    [InlineData(3, 0, 2, 0b1)]
    [InlineData(1, 0, 0, 0b1000)]
    public void Later_descriptor_names_a_template(int template, byte spatial, byte temporal, int references)
    {
        Assert.True(DependencyDescriptor.TryParse(Structures.L1T3.Write(0, 1, hasStructure: true), null, _structure, out _, out _));

        Assert.True(DependencyDescriptor.TryParse(Structures.L1T3.Write(template, 2), _structure, _scratch, out var descriptor, out _));

        Assert.Equal((spatial, temporal, (ulong)references, false), (descriptor.Spatial, descriptor.Temporal, descriptor.References, descriptor.HasStructure));
        Assert.Null(descriptor.ActiveTargets);
        Assert.Equal(1, _structure.ChainCount);
    }

    [Fact]
    public void Custom_values_take_the_place_of_the_templates()
    {
        Assert.True(DependencyDescriptor.TryParse(Structures.L1T3.Write(0, 1, hasStructure: true), null, _structure, out _, out _));

        var bytes = Structures.L1T3.Write(3, 7, active: 0b011, indications: "-SR", references: [1, 20, 3000]);
        Assert.True(DependencyDescriptor.TryParse(bytes, _structure, _scratch, out var descriptor, out _));

        Assert.Equal(0b11_10_00ul, descriptor.Indications);
        Assert.Equal(1ul | (1ul << 19), descriptor.References);
        Assert.True(descriptor.HasFarReferences);
        Assert.Equal(0b011u, descriptor.ActiveTargets);
    }

    [Fact]
    public void Descriptor_without_a_structure_before_it_says_nothing()
    {
        Assert.False(DependencyDescriptor.TryParse(Structures.L1T3.Write(1, 1), null, _scratch, out _, out var failure));
        Assert.Equal(ParseFailure.WrongOrder, failure);
    }

    [Fact]
    public void Unknown_template_is_refused()
    {
        Assert.True(DependencyDescriptor.TryParse(Structures.L1T3.Write(0, 1, hasStructure: true), null, _structure, out _, out _));
        Assert.False(DependencyDescriptor.TryParse(Structures.L1T3.Write(4, 1), _structure, _scratch, out _, out var failure));
        Assert.Equal(ParseFailure.WrongValue, failure);
    }

    [Fact]
    public void Every_shortened_descriptor_is_refused()
    {
        var whole = Structures.L2T2Key.Write(0, 1, hasStructure: true);
        // The last byte may be filling only.
        for (var length = 0; length < whole.Length - 1; length++)
            Assert.False(DependencyDescriptor.TryParse(whole.AsSpan(0, length), null, _scratch, out _, out _), $"{length} bytes");
    }

    [Theory]
    [InlineData(255, 255, 0b1111u, 3)]
    [InlineData(0, 255, 0b1111u, 1)]
    [InlineData(1, 0, 0b1111u, 2)]
    [InlineData(255, 255, 0b0111u, 2)]
    [InlineData(0, 0, 0b1000u, 3)]
    [InlineData(0, 0, 0u, 0)]
    public void Best_decode_target_is_the_highest_active_one_within_limits(byte spatial, byte temporal, uint active, int expected)
    {
        Assert.True(DependencyDescriptor.TryParse(Structures.L2T2Key.Write(0, 1, hasStructure: true), null, _structure, out _, out _));
        Assert.Equal(expected, _structure.BestTarget(spatial, temporal, active));
    }
}
