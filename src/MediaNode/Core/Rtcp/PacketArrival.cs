namespace MediaNode.Core.Rtcp;

/// <summary>One packet in transport-wide feedback.</summary>
/// <param name="Time">When it arrived by the receiver's clock, in steps of 250 microseconds on the wire; meaningless when not received.</param>
public readonly record struct PacketArrival(ushort SequenceNumber, bool IsReceived, TimeSpan Time);

/// <summary>Numbers of the wire format of draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1.</summary>
internal static class TransportFeedbackWire
{
    /// <summary>Base sequence number, status count, reference time, feedback count.</summary>
    public const int FixedSize = 8;

    public const int ChunkSize = 2;
    public const int NotReceived = 0;
    public const int SmallDelta = 1;
    public const int LargeDelta = 2;
    public const int MaximumRun = 0x1FFF;
    public const int SymbolsPerTwoBitVector = 7;

    /// <summary>250 microseconds.</summary>
    public const long TicksPerDelta = 250 * TimeSpan.TicksPerMicrosecond;

    /// <summary>64 milliseconds.</summary>
    public const long TicksPerReference = 64 * TimeSpan.TicksPerMillisecond;

    public const int DeltasPerReference = (int)(TicksPerReference / TicksPerDelta);
}
