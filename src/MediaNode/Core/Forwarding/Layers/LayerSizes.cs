using System.Runtime.CompilerServices;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.Forwarding.Layers;

/// <summary>Size of the pictures of one encoding by spatial layer, as its newest key frame tells it.</summary>
[InlineArray(Layer.MaximumSpatial)]
internal struct LayerSizes
{
    private FrameSize _lowest;

    /// <summary>Of the largest layer; the default when none is known.</summary>
    public readonly FrameSize Largest
    {
        get
        {
            var largest = _lowest;
            foreach (var size in this)
                largest = size.Pixels > largest.Pixels ? size : largest;
            return largest;
        }
    }

    /// <summary>Looks at the first packet of a key frame.</summary>
    /// <returns>True when the sizes are others than before.</returns>
    public bool TryChange(Codec codec, DependencyStructure? structure, ReadOnlySpan<byte> payload)
    {
        LayerSizes read = default;
        Span<FrameSize> sizes = read;
        if (structure is { Sizes.Length: > 0 })
            structure.Sizes[..Math.Min(structure.Sizes.Length, sizes.Length)].CopyTo(sizes);
        else if (FrameSizeReader.Read(codec, payload, sizes) == 1 && structure is { HighestSpatial: > 0 and < Layer.MaximumSpatial })
            (sizes[0], sizes[structure.HighestSpatial]) = (default, sizes[0]);
        if (sizes.IndexOfAnyExcept(default(FrameSize)) < 0 || sizes.SequenceEqual(this))
            return false;
        this = read;
        return true;
    }
}
