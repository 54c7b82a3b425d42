using System.Globalization;

namespace MediaNode.Core.Rtp;

/// <summary>
/// A 16-bit RTP sequence number with its wraps counted: 64 bits that only grow. All wrap-around arithmetic on sequence numbers is here.
/// May be negative when packets from before the first one seen arrive late.
/// </summary>
public readonly record struct ExtendedSequenceNumber(long Value) : IComparable<ExtendedSequenceNumber>
{
    /// <summary>The 16 bits on the wire.</summary>
    public ushort Truncated => unchecked((ushort)Value);

    /// <summary>How often the 16 bits have wrapped.</summary>
    public long RolloverCount => Value >> 16;

    /// <summary>The number nearest to this one whose low 16 bits are <paramref name="sequenceNumber"/>: up to 32767 ahead, up to 32768 behind.</summary>
    public ExtendedSequenceNumber Unwrap(ushort sequenceNumber) => new(Value + unchecked((short)(sequenceNumber - Truncated)));

    public ExtendedSequenceNumber Next => new(Value + 1);

    public static ExtendedSequenceNumber operator +(ExtendedSequenceNumber left, long right) => new(left.Value + right);

    public static long operator -(ExtendedSequenceNumber left, ExtendedSequenceNumber right) => left.Value - right.Value;

    public static bool operator <(ExtendedSequenceNumber left, ExtendedSequenceNumber right) => left.Value < right.Value;

    public static bool operator >(ExtendedSequenceNumber left, ExtendedSequenceNumber right) => left.Value > right.Value;

    public static bool operator <=(ExtendedSequenceNumber left, ExtendedSequenceNumber right) => left.Value <= right.Value;

    public static bool operator >=(ExtendedSequenceNumber left, ExtendedSequenceNumber right) => left.Value >= right.Value;

    public static ExtendedSequenceNumber Add(ExtendedSequenceNumber left, long right) => left + right;

    public static long Subtract(ExtendedSequenceNumber left, ExtendedSequenceNumber right) => left - right;

    public int CompareTo(ExtendedSequenceNumber other) => Value.CompareTo(other.Value);

    /// <summary>The record's own would print <see cref="Next"/>, and its next, without end.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
