namespace MediaNode.Core.Rtp;

/// <summary>Header extensions that are understood or passed on, by the URI that names them in SDP.</summary>
public static class HeaderExtensionUri
{
    /// <summary>RFC 9143 section 15.</summary>
    public const string Mid = "urn:ietf:params:rtp-hdrext:sdes:mid";

    /// <summary>RFC 8852 section 3.1.</summary>
    public const string Rid = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";

    /// <summary>RFC 8852 section 3.2: the rid that a retransmission stream repairs.</summary>
    public const string RepairedRid = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";

    /// <summary>RFC 6464.</summary>
    public const string AudioLevel = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";

    public const string AbsSendTime = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";

    /// <summary>draft-holmer-rmcat-transport-wide-cc-extensions-01.</summary>
    public const string TransportSequenceNumber = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

    public const string PlayoutDelay = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";

    /// <summary>3GPP TS 26.114 section 7.4.5.</summary>
    public const string VideoOrientation = "urn:3gpp:video-orientation";

    public const string AbsCaptureTime = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";

    /// <summary>Appendix A of the AV1 RTP payload format.</summary>
    public const string DependencyDescriptor = "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";

    /// <summary>
    /// True for extensions that speak about one hop only: the forwarder writes its own value, or none. A publisher's MID or transport-wide
    /// sequence number means nothing to a subscriber.
    /// </summary>
    public static bool IsHopByHop(string uri) => uri is Mid or Rid or RepairedRid or AbsSendTime or TransportSequenceNumber;
}
