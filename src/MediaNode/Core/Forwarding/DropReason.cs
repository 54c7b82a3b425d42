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
    StunUnknownAttribute,
    StunRoleConflict,
    DtlsBeforeCheck,
    DtlsTooEarly,
    DtlsMalformed,
    DtlsTooManyHandshakes,
    MediaBeforeKeys,
    SrtpAuthentication,
    SrtpReplay,
    SrtpTooOld,
    SrtpTooShort,
    SrtpBadHeader,
    SrtpNotEncrypted,
    SrtpKeyExhausted,
    SrtpTooManySources,
    RtpMalformed,
    RtpUnknownSource,
    RtpTooManySources,
    RtpUnprovenSource,
    RtpUnprovenNumber,
    RtpUnknownPayloadType,
    RtpMalformedRedundancy,
    RtpDuplicate,
    RtpPadding,
    RtcpMalformed,
    WaitingForKeyFrame,
    Paused,
    OtherLayer,
    TooLarge,
    PathUnproven,
    NotConnected,
    NackNotInHistory,
    NackTooOften,
    NackTooLong,
    KeyFrameRequestThrottled,
    NotAmongSpeakers,
    Overload,
    TooMuchFeedback,
    PacerOverflow,
    DataMalformed,
    DataUnexpected,
    DataNotTaken,
    DataBufferFull,
    DataUnusable,
    DataUnsent,
    DataInvalidStream,
    RtpAboveCap,
}

/// <summary>Counts drops by reason. Written by the worker's thread; others may read, and see a value of a moment ago.</summary>
public sealed class DropCounters
{
    private readonly long[] _counts = new long[Enum.GetValues<DropReason>().Length];

    public long this[DropReason reason] => Volatile.Read(ref _counts[(int)reason]);

    internal void Count(DropReason reason) => _counts[(int)reason]++;

    /// <summary>Counts what a part that knows no reasons has counted by itself.</summary>
    /// <param name="reason">Of all of it.</param>
    /// <param name="total">What it has counted by now.</param>
    /// <param name="counted">How much of it is counted here.</param>
    internal void CountUpTo(DropReason reason, long total, ref long counted)
    {
        _counts[(int)reason] += total - counted;
        counted = total;
    }
}
