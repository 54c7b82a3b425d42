using MediaNode.Core.Forwarding.Layers;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.Forwarding.Redundancy;

/// <summary>In which form a subscriber gets a packet of redundant audio (RFC 2198). Number and timestamp are the same either way.</summary>
internal static class RedundantAudio
{
    /// <summary>Redundant for who agreed to that, the primary block alone for who did not.</summary>
    public static Placement Shape(in Placement place, PublishedTrack source, DownTrackParameters receiver)
    {
        if (receiver.RedundancyPayloadType is null)
            return place with { Form = SentForm.PrimaryBlock };
        var edit = source.PayloadType == receiver.PayloadType ? default : PacketEdit.OfBlocks(receiver.PayloadType);
        return place with { Form = SentForm.Redundant, Edit = edit };
    }

    /// <summary>The same packet with its primary block for a payload: nothing is moved, it is the last one.</summary>
    public static RtpPacketView Primary(in RtpPacketView packet) =>
        RedundantPayload.TryParse(packet.Payload, out var redundant, out _) ? packet.WithLastOfPayload(redundant.Primary.Length) : packet.HeaderOnly;
}
