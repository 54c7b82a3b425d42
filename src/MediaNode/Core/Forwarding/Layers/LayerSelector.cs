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

    public bool IsBlocked => Allowance is null;

    /// <summary>What should go out.</summary>
    public Layer Target => Layer.Min(Wish, Allowance ?? default);

    /// <summary>Temporal layers that go out now.</summary>
    public byte TemporalLimit { get; private set; } = byte.MaxValue;

    /// <summary>Spatial layers within the encoding that go out now.</summary>
    public byte SpatialLimit { get; private set; } = byte.MaxValue;

    /// <summary>The encoding has spatial layers to choose from; with several encodings the choice is between those.</summary>
    public bool ChoosesSpatial { get; init; }

    /// <summary>Nothing is left out, and need not be.</summary>
    public bool TakesEverything => (TemporalLimit & SpatialLimit) == byte.MaxValue && Target.Temporal == byte.MaxValue && SpatialTarget == byte.MaxValue;

    private byte SpatialTarget => ChoosesSpatial ? Target.Spatial : byte.MaxValue;

    /// <summary>A key frame: every layer can be joined.</summary>
    public void Restart() => (TemporalLimit, SpatialLimit) = (Target.Temporal, SpatialTarget);

    /// <summary>Looks at the first packet that came of a new picture.</summary>
    /// <returns>True when the picture, or its lower spatial layers, go out.</returns>
    public bool Take(in PacketLayer first)
    {
        if (first.StartsKeyFrame)
            Restart();
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
