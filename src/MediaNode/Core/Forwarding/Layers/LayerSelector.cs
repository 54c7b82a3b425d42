using MediaNode.Core.Rtp;

namespace MediaNode.Core.Forwarding.Layers;

/// <summary>
/// Decides picture by picture how much of one encoding goes to one subscriber. Going down takes effect with the next picture; going up waits for a picture
/// that needs nothing of what was left out.
/// </summary>
internal sealed class LayerSelector
{
    /// <summary>What the subscriber asked for.</summary>
    public Layer Wish { get; set; } = Layer.All;

    /// <summary>What its bandwidth allows; null for no video at all.</summary>
    public Layer? Allowance { get; set; } = Layer.All;

    /// <summary>What the node can send now.</summary>
    public Layer Ceiling { get; set; } = Layer.All;

    /// <summary>The node sends nothing of it now.</summary>
    public bool IsHeld { get; set; }

    /// <summary>What has gone out has not left yet, and more would wait behind it: as little as possible until it has.</summary>
    public bool IsBehind { get; set; }

    public bool IsBlocked => IsHeld || Allowance is null;

    /// <summary>What should go out.</summary>
    public Layer Target => Layer.Min(Layer.Min(Wish, Ceiling), IsBehind ? (Allowance ?? default) with { Temporal = 0 } : Allowance ?? default);

    /// <summary>Temporal layers that go out now.</summary>
    public byte TemporalLimit { get; private set; } = byte.MaxValue;

    /// <summary>Spatial layers within the encoding that go out now.</summary>
    public byte SpatialLimit { get; private set; } = byte.MaxValue;

    /// <summary>The encoding has spatial layers to choose from; with several encodings the choice is between those.</summary>
    public bool ChoosesSpatial { get; init; }

    /// <summary>Nothing is left out, and need not be.</summary>
    public bool TakesEverything => (TemporalLimit & SpatialLimit) == byte.MaxValue && Target.Temporal == byte.MaxValue && SpatialTarget == byte.MaxValue;

    /// <summary>Used instead of the rules below where there are dependency descriptors.</summary>
    public DecodeTargetSelector DecodeTargets { get; } = new();

    /// <summary>What is wanted may not come without a key frame.</summary>
    public bool NeedsKeyFrame => DecodeTargets.IsSizeWrong;

    private Layer Wanted => new(SpatialTarget, Target.Temporal);

    private byte SpatialTarget => ChoosesSpatial ? Target.Spatial : byte.MaxValue;

    /// <summary>A key frame: every layer can be joined.</summary>
    public void Restart(Dependencies? dependencies)
    {
        (TemporalLimit, SpatialLimit) = (Target.Temporal, SpatialTarget);
        if (dependencies?.Structure is not { } structure)
            return;
        DecodeTargets.Restart(structure, dependencies.ActiveTargets, Wanted);
        TakeLimits(structure);
    }

    /// <summary>Looks at the first packet that came of a new picture, or of a new frame of one with dependency descriptors.</summary>
    /// <returns>True when the picture, or its lower spatial layers, go out.</returns>
    public bool Take(in PacketLayer first, Dependencies? dependencies)
    {
        if (first.StartsKeyFrame)
            Restart(dependencies);
        if (first.Is(PacketMarks.HasDependencies) && dependencies?.Structure is { } structure)
        {
            var takes = DecodeTargets.Take(first, structure, dependencies.ActiveTargets, Wanted);
            TakeLimits(structure);
            return takes;
        }
        var target = Target.Temporal;
        SpatialLimit = Math.Min(SpatialLimit, SpatialTarget);
        if (target <= TemporalLimit)
            TemporalLimit = target;
        else if (first.Is(PacketMarks.JoinsOwnLayer) && first.Temporal == TemporalLimit + 1)
            TemporalLimit++;
        else if (first.Is(PacketMarks.JoinsHigherLayers) && first.Temporal <= TemporalLimit)
            TemporalLimit = target;
        return first.Temporal <= TemporalLimit;
    }

    /// <summary>
    /// A decode target that reaches up to the highest temporal layer of the stream leaves none out. With spatial layers one always has to look: higher targets need not have all lower frames.
    /// </summary>
    private void TakeLimits(DependencyStructure structure)
    {
        var (spatial, temporal) = DecodeTargets.Layers;
        TemporalLimit = temporal == structure.HighestTemporal ? byte.MaxValue : temporal;
        SpatialLimit = structure.HighestSpatial == 0 ? byte.MaxValue : spatial;
    }

    /// <summary>
    /// One spatial layer more, from a frame that needs nothing but the layer below it in the same picture.
    /// </summary>
    /// <returns>True when it goes out from here on.</returns>
    public bool TryRaiseSpatial(in PacketLayer layer)
    {
        if (layer.Spatial != SpatialLimit + 1 || layer.Spatial > SpatialTarget || !layer.Is(PacketMarks.StartsFrame) || layer.Is(PacketMarks.IsInterPicturePredicted))
            return false;
        SpatialLimit++;
        return true;
    }
}
