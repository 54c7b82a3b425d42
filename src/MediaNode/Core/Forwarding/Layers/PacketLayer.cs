using MediaNode.Core.Rtp;

namespace MediaNode.Core.Forwarding.Layers;

/// <summary>What one packet of a video stream says about its place among the layers. Read once, used for every subscriber.</summary>
internal readonly record struct PacketLayer
{
    /// <summary>Spatial layer within the encoding (SVC); 0 without.</summary>
    public byte Spatial { get; init; }

    public byte Temporal { get; init; }

    public PacketMarks Marks { get; init; }

    /// <summary>VP8, VP9: 7 or 15 bits. AV1: the dependency descriptor's frame number, 16 bits. Present with <see cref="PacketMarks.HasPictureId"/>.</summary>
    public ushort PictureId { get; init; }

    /// <summary>TL0PICIDX. Present with <see cref="PacketMarks.HasTl0"/>.</summary>
    public byte Tl0 { get; init; }

    /// <summary>What the frame is to each decode target, two bits each. Present with <see cref="PacketMarks.HasDependencies"/>, as is the next.</summary>
    public ulong Indications { get; init; }

    /// <summary>Frames that this one is predicted from: bit n is the frame n + 1 numbers before.</summary>
    public ulong References { get; init; }

    /// <summary>Begins a picture that can be decoded without any earlier one.</summary>
    public bool StartsKeyFrame => (Marks & PacketMarks.StartsKeyFrame) != 0;

    /// <summary>Has a place among layers at all; else every picture needs every other.</summary>
    public bool IsLayered => (Marks & PacketMarks.IsLayered) != 0;

    public bool Is(PacketMarks mark) => (Marks & mark) != 0;

    public DecodeTargetIndication IndicationOf(int target) => (DecodeTargetIndication)((Indications >> (2 * target)) & 3);

    /// <summary>
    /// What tells pictures apart and orders them modulo 2^32: the timestamp; with dependency descriptors the frame number, since decisions are made for each frame of a picture.
    /// </summary>
    public uint PictureKey(uint timestamp) => Is(PacketMarks.HasDependencies) ? (uint)PictureId << 16 : timestamp;
}

[Flags]
internal enum PacketMarks : ushort
{
    None = 0,
    StartsKeyFrame = 1,

    /// <summary>First packet of a frame (with SVC: of one spatial layer's frame).</summary>
    StartsFrame = 1 << 1,

    /// <summary>Last packet of a frame (with SVC: of one spatial layer's frame).</summary>
    EndsFrame = 1 << 2,

    /// <summary>The picture names its temporal layer, or its spatial one.</summary>
    IsLayered = 1 << 3,

    /// <summary>VP8's Y bit: the picture needs the base layer only, so that its own temporal layer can be joined here.</summary>
    JoinsOwnLayer = 1 << 4,

    /// <summary>VP9's U bit: later pictures of higher temporal layers need nothing of those layers before this one, so that all of them can be joined here.</summary>
    JoinsHigherLayers = 1 << 5,

    /// <summary>Predicted from the spatial layer below, in the same picture.</summary>
    IsInterLayerPredicted = 1 << 6,

    /// <summary>Predicted from earlier pictures.</summary>
    IsInterPicturePredicted = 1 << 7,

    HasPictureId = 1 << 8,
    HasTl0 = 1 << 9,

    /// <summary>A dependency descriptor was read.</summary>
    HasDependencies = 1 << 10,

    /// <summary>A dependency descriptor should be there and cannot be read, so that nobody knows what needs the packet.</summary>
    IsUnreadable = 1 << 11,
}
