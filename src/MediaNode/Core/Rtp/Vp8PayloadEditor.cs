using System.Buffers.Binary;

namespace MediaNode.Core.Rtp;

/// <summary>Rewrites the counters of a VP8 payload descriptor in place: a receiver that is switched between encodings must see them go on without a jump.</summary>
public readonly ref struct Vp8PayloadEditor(Span<byte> payload, in Vp8PayloadDescriptor descriptor)
{
    private readonly Span<byte> _payload = payload;
    private readonly Vp8PayloadDescriptor _descriptor = descriptor;

    /// <summary>Writes as many bits as the descriptor has room for (7 or 15); nothing when it has no picture id.</summary>
    public void SetPictureId(ushort pictureId)
    {
        if (_descriptor.PictureIdOffset == 0)
            return;
        if (_descriptor.HasLongPictureId)
            BinaryPrimitives.WriteUInt16BigEndian(_payload[_descriptor.PictureIdOffset..], (ushort)(pictureId | 0x8000));
        else
            _payload[_descriptor.PictureIdOffset] = (byte)(pictureId & 0x7F);
    }

    public void SetTl0PictureIndex(byte index)
    {
        if (_descriptor.Tl0PictureIndexOffset != 0)
            _payload[_descriptor.Tl0PictureIndexOffset] = index;
    }

    /// <param name="index">5 bits.</param>
    public void SetKeyIndex(byte index)
    {
        if (_descriptor.KeyIndexOffset != 0)
            _payload[_descriptor.KeyIndexOffset] = (byte)((_payload[_descriptor.KeyIndexOffset] & 0xE0) | (index & 0x1F));
    }
}
