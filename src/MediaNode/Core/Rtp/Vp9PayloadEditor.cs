using System.Buffers.Binary;

namespace MediaNode.Core.Rtp;

/// <summary>Rewrites the counters of a VP9 payload descriptor in place, as <see cref="Vp8PayloadEditor"/> does for VP8.</summary>
public readonly ref struct Vp9PayloadEditor(Span<byte> payload, in Vp9PayloadDescriptor descriptor)
{
    private readonly Span<byte> _payload = payload;
    private readonly Vp9PayloadDescriptor _descriptor = descriptor;

    /// <summary>Writes as many bits as the descriptor has room for (7 or 15); nothing when it has no picture id.</summary>
    public void SetPictureId(ushort pictureId)
    {
        if (_descriptor.PictureId is null)
            return;
        if (_descriptor.HasLongPictureId)
            BinaryPrimitives.WriteUInt16BigEndian(_payload[Vp9PayloadDescriptor.PictureIdOffset..], (ushort)(pictureId | 0x8000));
        else
            _payload[Vp9PayloadDescriptor.PictureIdOffset] = (byte)(pictureId & 0x7F);
    }

    public void SetTl0PictureIndex(byte index)
    {
        if (_descriptor.Tl0PictureIndexOffset != 0)
            _payload[_descriptor.Tl0PictureIndexOffset] = index;
    }
}
