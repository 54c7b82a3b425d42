using MediaNode.Core.Rtp;

namespace MediaNode.Core.Forwarding.Layers;

/// <summary>What differs from the publisher's packet behind its fixed header: counters, so that they go on without a jump, and payload types.</summary>
/// <param name="Codec">Whose descriptor to change; none leaves the payload as it is.</param>
/// <param name="PictureId">New picture id; AV1: frame number; opus: payload type of the blocks of redundant audio.</param>
/// <param name="Tl0">New TL0PICIDX.</param>
internal readonly record struct PacketEdit(Codec Codec, ushort PictureId, byte Tl0)
{
    /// <summary>The blocks of redundant audio get the payload type that the receiver was told.</summary>
    public static PacketEdit OfBlocks(PayloadType payloadType) => new(Codec.Opus, payloadType.Value, 0);

    public bool ChangesPayload => Codec is Codec.Vp8 or Codec.Vp9 or Codec.Opus;

    /// <summary>The change is in the dependency descriptor.</summary>
    public bool ChangesFrameNumber => Codec is Codec.Av1;

    public void Apply(Span<byte> payload)
    {
        if (Codec == Codec.Vp8 && Vp8PayloadDescriptor.TryParse(payload, out var vp8, out _))
        {
            var editor = new Vp8PayloadEditor(payload, vp8);
            editor.SetPictureId(PictureId);
            editor.SetTl0PictureIndex(Tl0);
        }
        else if (Codec == Codec.Vp9 && Vp9PayloadDescriptor.TryParse(payload, out var vp9, out _))
        {
            var editor = new Vp9PayloadEditor(payload, vp9);
            editor.SetPictureId(PictureId);
            editor.SetTl0PictureIndex(Tl0);
        }
        else if (Codec == Codec.Opus && RedundantPayload.TryParse(payload, out var redundant, out _))
        {
            new RedundantPayloadEditor(payload, redundant).SetPayloadType(new((byte)PictureId));
        }
    }
}
