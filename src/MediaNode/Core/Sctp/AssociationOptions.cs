namespace MediaNode.Core.Sctp;

/// <summary>What SDP agreed about an association (RFC 8841).</summary>
/// <param name="LocalPort">a=sctp-port of this side.</param>
/// <param name="RemotePort">a=sctp-port of the other side.</param>
internal readonly record struct AssociationPorts(int LocalPort, int RemotePort);

/// <summary>RFC 9260 section 4, but that <see cref="Ended"/> is for good: an association ends with its DTLS connection at the latest.</summary>
internal enum AssociationState
{
    /// <summary>Not begun, or begun in vain: the peer may still begin.</summary>
    Closed,
    CookieWait,
    CookieEchoed,
    Established,
    ShutdownPending,
    ShutdownSent,
    ShutdownReceived,
    ShutdownAckSent,
    Ended,
}

internal enum PacketVerdict
{
    Accepted,
    Malformed,

    /// <summary>Right in itself, but not of this association: another port or verification tag.</summary>
    NotOurs,
}

internal enum AssociationEventKind
{
    Established,
    Message,

    /// <summary>The peer has begun a stream anew, which closes its data channel (RFC 8831 section 6.7).</summary>
    StreamResetByPeer,

    /// <summary>The peer has agreed to our reset of a stream, or refused it; either way it carries nothing more.</summary>
    StreamResetDone,

    /// <summary>See <see cref="Association.EndReason"/>.</summary>
    Ended,
}

internal readonly record struct AssociationEvent(AssociationEventKind Kind, ushort StreamId = 0, ReceivedMessage Message = default);
