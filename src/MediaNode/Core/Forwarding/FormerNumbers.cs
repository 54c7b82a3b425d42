using MediaNode.Core.Rtp;

namespace MediaNode.Core.Forwarding;

/// <summary>
/// Payload types of the offer before the last. Its packets may be on their way for a while after the answer (RFC 3264 section 8.3.2); they get the numbers that mean the
/// same now, so that everything behind knows one set of numbers only.
/// </summary>
internal static class FormerNumbers
{
    /// <summary>Changes a packet in place. What means something by the last offer, or nothing by the one before, stays as it is.</summary>
    /// <param name="packet">As it came, not restored from a retransmission.</param>
    /// <param name="bytes">Of the packet.</param>
    /// <param name="former">Agreed before.</param>
    /// <param name="current">Agreed last.</param>
    public static void Translate(scoped in RtpPacketView packet, Span<byte> bytes, TrackParameters former, TrackParameters current)
    {
        if (current.IsMedia(packet.PayloadType))
            return;
        if (packet.PayloadType == former.PayloadType)
            SetPayloadType(bytes, current.PayloadType);
        else if (former.IsRedundant(packet.PayloadType) && current.RedundancyPayloadType is { } redundancy
            && RedundantPayload.TryParse(packet.Payload, out var redundant, out _) && redundant.IsAllOf(former.PayloadType))
        {
            new RedundantPayloadEditor(bytes.Slice(packet.HeaderLength, packet.Payload.Length), redundant).SetPayloadType(current.PayloadType);
            SetPayloadType(bytes, redundancy);
        }
    }

    /// <summary>RFC 3550 section 5.1: below the marker bit.</summary>
    private static void SetPayloadType(Span<byte> bytes, PayloadType payloadType) => bytes[1] = (byte)((bytes[1] & 0x80) | payloadType.Value);
}
