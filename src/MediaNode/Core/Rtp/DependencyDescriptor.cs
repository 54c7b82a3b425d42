namespace MediaNode.Core.Rtp;

/// <summary>The dependency descriptor of one packet (AV1 RTP payload format, appendix A), as far as a forwarder needs it.</summary>
internal readonly record struct DependencyDescriptor
{
    private const int MandatoryLength = 3;

    /// <summary>Frame numbers that <see cref="References"/> can say.</summary>
    private const int MaximumDistance = 64;

    public bool StartsFrame { get; private init; }

    public bool EndsFrame { get; private init; }

    public ushort FrameNumber { get; private init; }

    public byte Spatial { get; private init; }

    public byte Temporal { get; private init; }

    /// <summary>Brought a new structure, as key frames do.</summary>
    public bool HasStructure { get; private init; }

    /// <summary>Decode targets that the sender still makes, by bit; null when it is as before.</summary>
    public uint? ActiveTargets { get; private init; }

    /// <summary>Two bits for each decode target, the first in the lowest.</summary>
    public ulong Indications { get; private init; }

    /// <summary>Frames that this one is predicted from: bit n is the frame n + 1 numbers before.</summary>
    public ulong References { get; private init; }

    /// <summary>Some reference is further away than that.</summary>
    public bool HasFarReferences { get; private init; }

    /// <param name="data">Value of the header extension.</param>
    /// <param name="current">The stream's structure; null before the first.</param>
    /// <param name="scratch">Receives a new structure, when there is one: then it is the stream's from now on.</param>
    /// <param name="descriptor">What was read.</param>
    /// <param name="failure">Why not.</param>
    public static bool TryParse(
        ReadOnlySpan<byte> data, DependencyStructure? current, DependencyStructure scratch, out DependencyDescriptor descriptor, out ParseFailure failure)
    {
        descriptor = default;
        failure = ParseFailure.Truncated;
        if (data.Length < MandatoryLength)
            return false;
        var bits = new BitReader(data);
        var parsed = new DependencyDescriptor { StartsFrame = bits.ReadFlag(), EndsFrame = bits.ReadFlag() };
        var templateId = (int)bits.Read(6);
        parsed = parsed with { FrameNumber = (ushort)bits.Read(16) };
        var custom = default((bool Indications, bool References, bool Chains));
        if (data.Length > MandatoryLength)
        {
            var hasStructure = bits.ReadFlag();
            var hasActiveTargets = bits.ReadFlag();
            custom = (bits.ReadFlag(), bits.ReadFlag(), bits.ReadFlag());
            if (hasStructure && !scratch.TryRead(ref bits))
                return false;
            current = hasStructure ? scratch : current;
            if (current is null)
                return Fail(ParseFailure.WrongOrder, out failure);
            parsed = parsed with { HasStructure = hasStructure, ActiveTargets = hasStructure ? AllTargets(current) : null };
            if (hasActiveTargets)
                parsed = parsed with { ActiveTargets = bits.Read(current.TargetCount) };
        }
        if (current is null)
            return Fail(ParseFailure.WrongOrder, out failure);
        if (!current.TryGetTemplate(templateId, out var template))
            return Fail(ParseFailure.WrongValue, out failure);
        var (references, isFar) = custom.Indications | custom.References | custom.Chains
            ? ReadCustom(ref bits, current, custom, ref template)
            : (template.References, false);
        if (bits.IsOverrun)
            return false;
        descriptor = parsed with
        {
            Spatial = template.Spatial,
            Temporal = template.Temporal,
            Indications = template.Indications,
            References = references,
            HasFarReferences = isFar,
        };
        failure = ParseFailure.None;
        return true;
    }

    private static uint AllTargets(DependencyStructure structure) => uint.MaxValue >> (DependencyStructure.MaximumTargets - structure.TargetCount);

    private static (ulong References, bool IsFar) ReadCustom(
        ref BitReader bits, DependencyStructure structure, (bool Indications, bool References, bool Chains) custom, ref DependencyStructure.Template template)
    {
        if (custom.Indications)
            template.Indications = DependencyStructure.ReadIndications(ref bits, structure.TargetCount);
        var result = (template.References, false);
        if (custom.References)
            result = ReadReferences(ref bits);
        if (custom.Chains)
        {
            for (var i = 0; i < structure.ChainCount; i++)
                bits.Read(8);
        }
        return result;
    }

    /// <summary>frame_fdiffs() of appendix A.8.2.</summary>
    private static (ulong References, bool IsFar) ReadReferences(ref BitReader bits)
    {
        var references = 0ul;
        var isFar = false;
        // Ends: past the end of the data the size reads as zero.
        while (bits.Read(2) is var size and not 0)
        {
            var distance = (int)bits.Read(4 * (int)size);
            if (distance < MaximumDistance)
                references |= 1ul << distance;
            else
                isFar = true;
        }
        return (references, isFar);
    }

    private static bool Fail(ParseFailure reason, out ParseFailure failure)
    {
        failure = reason;
        return false;
    }
}
