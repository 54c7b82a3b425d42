using MediaNode.Core.Rtp;

namespace MediaNode.Core.Forwarding.Layers;

/// <summary>Reads the layers of a packet from its dependency descriptor, or from its payload descriptor.</summary>
internal static class PacketLayerReader
{
    public static PacketLayer Read(Encoding encoding, scoped in RtpPacketView packet)
    {
        if (encoding.Dependencies is not { } dependencies || packet.Payload.IsEmpty)
            return Read(encoding.Track.Codec, packet.Payload);
        return packet.TryGetExtension(encoding.Track.Parameters.DependencyDescriptorId, out var extension)
            ? dependencies.Read(extension)
            // A sender that negotiated descriptors and sends none has no layers to speak of.
            : dependencies.Structure is null ? Read(encoding.Track.Codec, packet.Payload) : new() { Marks = PacketMarks.IsUnreadable };
    }

    public static PacketLayer Read(Codec codec, ReadOnlySpan<byte> payload) => codec switch
    {
        Codec.Vp8 => ReadVp8(payload),
        Codec.Vp9 => ReadVp9(payload),
        _ => new() { Marks = KeyFrame.IsStart(codec, payload) ? PacketMarks.StartsKeyFrame | PacketMarks.StartsFrame : PacketMarks.None },
    };

    private static PacketLayer ReadVp8(ReadOnlySpan<byte> payload)
    {
        if (!Vp8PayloadDescriptor.TryParse(payload, out var descriptor, out _))
            return default;
        var marks = PacketMarks.None;
        if (descriptor.StartsFrame)
        {
            marks |= PacketMarks.StartsFrame;
            // RFC 7741 section 4.3: the inverse key-frame flag is the lowest bit of the frame's first byte.
            if ((payload[descriptor.Length] & 1) == 0)
                marks |= PacketMarks.StartsKeyFrame;
        }
        if (descriptor.TemporalId is not null)
            marks |= PacketMarks.IsLayered;
        if (descriptor.IsLayerSync)
            marks |= PacketMarks.JoinsOwnLayer;
        if (descriptor.PictureId is not null)
            marks |= PacketMarks.HasPictureId;
        if (descriptor.Tl0PictureIndex is not null)
            marks |= PacketMarks.HasTl0;
        return new()
        {
            Marks = marks,
            Temporal = descriptor.TemporalId ?? 0,
            PictureId = descriptor.PictureId ?? 0,
            Tl0 = descriptor.Tl0PictureIndex ?? 0,
        };
    }

    private static PacketLayer ReadVp9(ReadOnlySpan<byte> payload)
    {
        if (!Vp9PayloadDescriptor.TryParse(payload, out var descriptor, out _))
            return default;
        var marks = PacketMarks.None;
        if (descriptor.StartsFrame)
            marks |= PacketMarks.StartsFrame;
        if (descriptor.EndsFrame)
            marks |= PacketMarks.EndsFrame;
        if (descriptor.StartsKeyFrame)
            marks |= PacketMarks.StartsKeyFrame;
        if (descriptor.TemporalId is not null)
            marks |= PacketMarks.IsLayered;
        if (descriptor.IsSwitchingUpPoint)
            marks |= PacketMarks.JoinsHigherLayers;
        if (descriptor.IsInterLayerPredicted)
            marks |= PacketMarks.IsInterLayerPredicted;
        if (descriptor.IsInterPicturePredicted)
            marks |= PacketMarks.IsInterPicturePredicted;
        if (descriptor.PictureId is not null)
            marks |= PacketMarks.HasPictureId;
        if (descriptor.Tl0PictureIndex is not null)
            marks |= PacketMarks.HasTl0;
        return new()
        {
            Marks = marks,
            Spatial = descriptor.SpatialId ?? 0,
            Temporal = descriptor.TemporalId ?? 0,
            PictureId = descriptor.PictureId ?? 0,
            Tl0 = descriptor.Tl0PictureIndex ?? 0,
        };
    }
}
