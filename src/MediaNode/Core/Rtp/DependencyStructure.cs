namespace MediaNode.Core.Rtp;

/// <summary>
/// The template structure of a dependency descriptor (AV1 RTP payload format, appendix A): which kinds of frames a stream has, and which decode targets they belong to.
/// Comes with key frames; later descriptors only name a template. Filled again and again, so that nothing is allocated.
/// </summary>
internal sealed class DependencyStructure
{
    /// <summary>The format's own limits: template ids have 6 bits, the count of decode targets 5.</summary>
    public const int MaximumTemplates = 64;
    public const int MaximumTargets = 32;

    /// <summary>Spatial layers whose size is kept.</summary>
    private const int MaximumSpatial = 4;

    private readonly Template[] _templates = new Template[MaximumTemplates];
    private readonly (byte Spatial, byte Temporal)[] _targets = new (byte, byte)[MaximumTargets];
    private readonly FrameSize[] _sizes = new FrameSize[MaximumSpatial];
    private int _idOffset;

    public int TemplateCount { get; private set; }

    public int TargetCount { get; private set; }

    public int ChainCount { get; private set; }

    public byte HighestSpatial { get; private set; }

    public byte HighestTemporal { get; private set; }

    /// <summary>Size of the pictures of each spatial layer; none when the sender does not tell.</summary>
    public ReadOnlySpan<FrameSize> Sizes => _sizes.AsSpan(0, SizeCount);

    private int SizeCount { get; set; }

    /// <summary>Layers that a decode target reaches up to.</summary>
    public (byte Spatial, byte Temporal) Target(int index) => _targets[index];

    /// <summary>The active decode target with the largest picture, then the highest frame rate, within limits; the lowest active one when none is.</summary>
    public int BestTarget(byte spatial, byte temporal, uint active)
    {
        var best = -1;
        var lowest = -1;
        for (var i = 0; i < TargetCount; i++)
        {
            if ((active & (1u << i)) == 0)
                continue;
            var target = _targets[i];
            if (target.Spatial <= spatial && target.Temporal <= temporal && (best < 0 || target.CompareTo(_targets[best]) > 0))
                best = i;
            if (lowest < 0 || target.CompareTo(_targets[lowest]) < 0)
                lowest = i;
        }
        return best >= 0 ? best : Math.Max(lowest, 0);
    }

    public bool TryGetTemplate(int id, out Template template)
    {
        var index = (id + MaximumTemplates - _idOffset) % MaximumTemplates;
        template = index < TemplateCount ? _templates[index] : default;
        return index < TemplateCount;
    }

    /// <summary>template_dependency_structure() of appendix A.8.2.</summary>
    public bool TryRead(ref BitReader bits)
    {
        _idOffset = (int)bits.Read(6);
        TargetCount = (int)bits.Read(5) + 1;
        if (!TryReadLayers(ref bits))
            return false;
        for (var i = 0; i < TemplateCount; i++)
            _templates[i].Indications = ReadIndications(ref bits, TargetCount);
        for (var i = 0; i < TemplateCount; i++)
            _templates[i].References = ReadReferences(ref bits);
        ReadChains(ref bits);
        FindTargetLayers();
        ReadSizes(ref bits);
        return !bits.IsOverrun;
    }

    /// <summary>render_resolutions() of appendix A.8.2.</summary>
    private void ReadSizes(ref BitReader bits)
    {
        SizeCount = 0;
        if (!bits.ReadFlag())
            return;
        for (var i = 0; i <= HighestSpatial; i++)
        {
            var size = new FrameSize((ushort)(bits.Read(16) + 1), (ushort)(bits.Read(16) + 1));
            if (i < MaximumSpatial)
                _sizes[SizeCount++] = size;
        }
    }

    /// <summary>Two bits for each decode target, the first in the lowest.</summary>
    public static ulong ReadIndications(ref BitReader bits, int targets)
    {
        var indications = 0ul;
        for (var target = 0; target < targets; target++)
            indications |= (ulong)bits.Read(2) << (2 * target);
        return indications;
    }

    private static ulong ReadReferences(ref BitReader bits)
    {
        var references = 0ul;
        while (bits.ReadFlag())
            references |= 1ul << (int)bits.Read(4);
        return references;
    }

    private bool TryReadLayers(ref BitReader bits)
    {
        byte spatial = 0;
        byte temporal = 0;
        (TemplateCount, HighestTemporal) = (0, 0);
        while (true)
        {
            if (TemplateCount == MaximumTemplates || bits.IsOverrun)
                return false;
            _templates[TemplateCount++] = new() { Spatial = spatial, Temporal = temporal };
            switch (bits.Read(2))
            {
                case 1:
                    temporal++;
                    HighestTemporal = Math.Max(HighestTemporal, temporal);
                    break;
                case 2:
                    temporal = 0;
                    spatial++;
                    break;
                case 3:
                    HighestSpatial = spatial;
                    return true;
            }
        }
    }

    /// <summary>Chains say which frames a decode target cannot lose. Receivers act on that, a forwarder only reads past it.</summary>
    private void ReadChains(ref BitReader bits)
    {
        ChainCount = (int)bits.ReadNonSymmetric((uint)TargetCount + 1);
        if (ChainCount == 0)
            return;
        for (var target = 0; target < TargetCount; target++)
            bits.ReadNonSymmetric((uint)ChainCount);
        for (var i = 0; i < TemplateCount * ChainCount; i++)
            bits.Read(4);
    }

    private void FindTargetLayers()
    {
        for (var target = 0; target < TargetCount; target++)
        {
            _targets[target] = default;
            foreach (ref readonly var template in _templates.AsSpan(0, TemplateCount))
            {
                if (template.IndicationOf(target) == DecodeTargetIndication.NotPresent)
                    continue;
                ref var layers = ref _targets[target];
                layers = (Math.Max(layers.Spatial, template.Spatial), Math.Max(layers.Temporal, template.Temporal));
            }
        }
    }

    internal struct Template
    {
        public byte Spatial;
        public byte Temporal;
        public ulong Indications;

        /// <summary>Bit n: the frame n + 1 numbers before.</summary>
        public ulong References;

        public readonly DecodeTargetIndication IndicationOf(int target) => (DecodeTargetIndication)((Indications >> (2 * target)) & 3);
    }
}

/// <summary>What a frame is to a decode target.</summary>
internal enum DecodeTargetIndication
{
    NotPresent = 0,
    Discardable = 1,

    /// <summary>When this frame can be decoded, so can all later ones of the target.</summary>
    Switch = 2,
    Required = 3,
}
