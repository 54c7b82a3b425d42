using MediaNode.Core.Rtp;

namespace MediaNode.Core.Forwarding.Layers;

/// <summary>The counters in a forwarded packet that differ from the publisher's, so that they go on without a jump.</summary>
/// <param name="Codec">Whose descriptor to change; none leaves the payload as it is.</param>
/// <param name="PictureId">New picture id; AV1: frame number.</param>
/// <param name="Tl0">New TL0PICIDX.</param>
internal readonly record struct PacketEdit(Codec Codec, ushort PictureId, byte Tl0)
{
    public bool ChangesPayload => Codec is Codec.Vp8 or Codec.Vp9;

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
    }
}
