namespace MediaNode.Core.Rtcp;

/// <summary>RTCP packet types (RFC 3550 section 12.1, RFC 4585 section 6.1).</summary>
public enum RtcpPacketType
{
    SenderReport = 200,
    ReceiverReport = 201,
    SourceDescription = 202,
    Goodbye = 203,
    ApplicationDefined = 204,
    TransportFeedback = 205,
    PayloadFeedback = 206,
    ExtendedReport = 207,
}

/// <summary>Feedback message types: the count field of feedback packets.</summary>
public static class RtcpFeedbackFormat
{
    /// <summary>Transport feedback: generic NACK (RFC 4585 section 6.2.1).</summary>
    public const byte GenericNack = 1;

    /// <summary>Transport feedback: draft-holmer-rmcat-transport-wide-cc-extensions-01.</summary>
    public const byte TransportWide = 15;

    /// <summary>Payload feedback: picture loss indication (RFC 4585 section 6.3.1).</summary>
    public const byte PictureLoss = 1;

    /// <summary>Payload feedback: full intra request (RFC 5104 section 4.3.1).</summary>
    public const byte FullIntraRequest = 4;

    /// <summary>Payload feedback: application layer feedback, which REMB is (draft-alvestrand-rmcat-remb-03).</summary>
    public const byte ApplicationLayer = 15;
}
