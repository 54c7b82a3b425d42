using MediaNode.Core.Rtp;

namespace MediaNode.Core.Forwarding;

/// <summary>What the subscriber was told about a track.</summary>
/// <param name="Mid">Of the subscriber's m-line.</param>
/// <param name="Ssrc">Source of the packets.</param>
/// <param name="RtxSsrc">Source of retransmissions; null when the subscriber did not accept RTX.</param>
/// <param name="PayloadType">Of the codec.</param>
/// <param name="RtxPayloadType">Of retransmissions.</param>
/// <param name="NackNegotiated">The subscriber may ask for packets again.</param>
/// <param name="Extensions">Incoming ids to the subscriber's ids.</param>
/// <param name="TransportSequenceId">Id of the transport-wide sequence number; 0 when the subscriber sends no feedback on it.</param>
/// <param name="AbsSendTimeId">Id of abs-send-time, for subscribers that estimate themselves (REMB); 0 beside transport-wide numbers, which tell more.</param>
internal sealed record DownTrackParameters(
    Mid Mid,
    Ssrc Ssrc,
    Ssrc? RtxSsrc,
    PayloadType PayloadType,
    PayloadType? RtxPayloadType,
    bool NackNegotiated,
    HeaderExtensionMap Extensions,
    byte TransportSequenceId = 0,
    byte AbsSendTimeId = 0)
{
    /// <summary>The subscriber's ids by URI.</summary>
    public IReadOnlyDictionary<string, byte> SubscriberExtensions { get; init; } = System.Collections.Immutable.ImmutableDictionary<string, byte>.Empty;

    /// <summary>Of redundant audio; null when the subscriber did not agree to it.</summary>
    public PayloadType? RedundancyPayloadType { get; init; }

    /// <summary>Id of the MID extension; 0 when it was not negotiated.</summary>
    public byte MidExtensionId { get; init; }

    /// <summary>The mid as it is on the wire.</summary>
    public byte[] MidBytes { get; } = System.Text.Encoding.ASCII.GetBytes(Mid.Value);

    /// <summary>Id of the dependency descriptor; 0 without.</summary>
    public byte DependencyDescriptorId { get; init; }

    /// <summary>The two-byte form of header extensions may be used where a packet needs it (a=extmap-allow-mixed).</summary>
    public bool AllowsMixedExtensions { get; init; }
}
