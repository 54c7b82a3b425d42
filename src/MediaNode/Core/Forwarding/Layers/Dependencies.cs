using MediaNode.Core.Rtp;

namespace MediaNode.Core.Forwarding.Layers;

/// <summary>The dependency structure of one encoding, as its key frames bring it.</summary>
internal sealed class Dependencies
{
    private DependencyStructure _current = new();
    private DependencyStructure _scratch = new();
    private bool _hasStructure;

    /// <summary>Null before the first key frame.</summary>
    public DependencyStructure? Structure => _hasStructure ? _current : null;

    /// <summary>Decode targets that the sender still makes, by bit.</summary>
    public uint ActiveTargets { get; private set; }

    public PacketLayer Read(ReadOnlySpan<byte> extension)
    {
        if (!DependencyDescriptor.TryParse(extension, Structure, _scratch, out var descriptor, out _))
            return new() { Marks = PacketMarks.IsUnreadable };
        if (descriptor.HasStructure)
        {
            (_current, _scratch) = (_scratch, _current);
            _hasStructure = true;
        }
        ActiveTargets = descriptor.ActiveTargets ?? ActiveTargets;
        var marks = PacketMarks.IsLayered | PacketMarks.HasPictureId | PacketMarks.HasDependencies;
        if (descriptor.StartsFrame)
            marks |= PacketMarks.StartsFrame;
        if (descriptor.EndsFrame)
            marks |= PacketMarks.EndsFrame;
        if (descriptor.StartsFrame && descriptor.HasStructure && descriptor.References == 0 && !descriptor.HasFarReferences)
            marks |= PacketMarks.StartsKeyFrame;
        return new()
        {
            Marks = marks,
            Spatial = descriptor.Spatial,
            Temporal = descriptor.Temporal,
            PictureId = descriptor.FrameNumber,
            Indications = descriptor.Indications,
            References = descriptor.HasFarReferences ? ulong.MaxValue : descriptor.References,
        };
    }
}
