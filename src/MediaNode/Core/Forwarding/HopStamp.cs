using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>
/// What a packet's header says about this hop alone: its transport-wide number and when it left. Kept with a sent packet, because a packet that is sent
/// again under its own number has to be the same byte for byte.
/// </summary>
/// <param name="TransportSequenceNumber">draft-holmer-rmcat-transport-wide-cc-extensions-01.</param>
/// <param name="AbsSendTime">24 bits: seconds modulo 64 as 6.18 fixed point.</param>
internal readonly record struct HopStamp(ushort TransportSequenceNumber, uint AbsSendTime)
{
    private const long NanosecondsPerCycle = 64_000_000_000;

    public static uint ToAbsSendTime(Instant now) => (uint)((ulong)(now.Nanoseconds % NanosecondsPerCycle) * (1 << 18) / 1_000_000_000) & 0xFF_FFFF;
}
