using MediaNode.Core.Rtp;

namespace MediaNode.Core.Forwarding.Layers;

/// <summary>Decides frame by frame what of a stream with dependency descriptors goes out: the frames of one decode target.</summary>
internal sealed class DecodeTargetSelector
{
    /// <summary>Frames that went out, of the last 64 numbers: bit n is the frame n + 1 numbers before <see cref="_next"/>.</summary>
    private ulong _forwarded = ulong.MaxValue;

    /// <summary>One more than the highest frame number seen.</summary>
    private ushort _next;
    private int _target;

    /// <summary>Layers that go out.</summary>
    public (byte Spatial, byte Temporal) Layers { get; private set; }

    /// <summary>The target wanted has another picture size; only a key frame is sure to lead there.</summary>
    public bool IsSizeWrong { get; private set; }

    /// <summary>Everything has gone out so far.</summary>
    public void Seed(ushort newest) => (_forwarded, _next) = (ulong.MaxValue, (ushort)(newest + 1));

    /// <summary>A key frame, with a new structure.</summary>
    public void Restart(DependencyStructure structure, uint active, Layer wanted)
    {
        Choose(structure, structure.BestTarget(wanted.Spatial, wanted.Temporal, active));
        _forwarded = 0;
    }

    /// <summary>Looks at a frame newer than all before.</summary>
    /// <returns>True when it goes out.</returns>
    public bool Take(in PacketLayer frame, DependencyStructure structure, uint active, Layer wanted)
    {
        Advance(frame.PictureId);
        if (_target >= structure.TargetCount)
            Choose(structure, 0);
        var best = structure.BestTarget(wanted.Spatial, wanted.Temporal, active);
        var isWaiting = best != _target;
        // All later frames of the target can be decoded if this one can: if everything that it needs went out.
        if (isWaiting && frame.IndicationOf(best) == DecodeTargetIndication.Switch && (frame.References & ~(_forwarded >> 1)) == 0)
        {
            Choose(structure, best);
            isWaiting = false;
        }
        var takes = frame.IndicationOf(_target) != DecodeTargetIndication.NotPresent;
        IsSizeWrong = isWaiting && structure.Target(best).Spatial != Layers.Spatial;
        // On the way down, what the lower target does not have need not go out either, unless the higher one builds on it.
        if (isWaiting && takes && IsLower(structure, best) && frame.IndicationOf(best) == DecodeTargetIndication.NotPresent)
            takes = frame.IndicationOf(_target) != DecodeTargetIndication.Discardable;
        if (takes)
            _forwarded |= 1;
        return takes;
    }

    private bool IsLower(DependencyStructure structure, int other)
    {
        var (spatial, temporal) = structure.Target(other);
        return spatial <= Layers.Spatial && temporal <= Layers.Temporal;
    }

    private void Choose(DependencyStructure structure, int target)
    {
        _target = target;
        Layers = structure.Target(target);
    }

    /// <summary>Afterwards the lowest bit is the frame's own.</summary>
    private void Advance(ushort frameNumber)
    {
        var steps = (ushort)(frameNumber + 1 - _next);
        _forwarded = steps < 64 ? _forwarded << steps : 0;
        _next = (ushort)(frameNumber + 1);
    }
}
