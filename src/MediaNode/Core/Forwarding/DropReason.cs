namespace MediaNode.Core.Forwarding;

/// <summary>Why a datagram, a packet or a request went no further. Every drop is counted under one of these.</summary>
public enum DropReason
{
    UnknownDatagram,
    UnknownAddress,
    StunMalformed,
    StunUnknownUser,
    StunIntegrity,
    StunUnexpected,
    DtlsBeforeCheck,
    MediaBeforeKeys,
    SrtpAuthentication,
    SrtpReplay,
    SrtpMalformed,
    SrtpTooManySources,
    RtpMalformed,
    RtpUnknownSource,
    RtpTooManySources,
    RtpUnknownPayloadType,
    RtpMalformedRedundancy,
    RtpDuplicate,
    RtpPadding,
    RtcpMalformed,
    WaitingForKeyFrame,
    Paused,
    OtherLayer,
    TooLarge,
    NotConnected,
    NackNotInHistory,
    NackTooOften,
    KeyFrameRequestThrottled,
    NotAmongSpeakers,
    Overload,
    TooMuchFeedback,
    PacerOverflow,
    DataMalformed,
    DataUnexpected,
    DataBufferFull,
}

/// <summary>Counts drops by reason. Written by the worker's thread; others may read, and see a value of a moment ago.</summary>
public sealed class DropCounters
{
    private readonly long[] _counts = new long[Enum.GetValues<DropReason>().Length];

    public long this[DropReason reason] => Volatile.Read(ref _counts[(int)reason]);

    internal void Count(DropReason reason) => _counts[(int)reason]++;
}
