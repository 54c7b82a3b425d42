using System.Globalization;

namespace MediaNode.Core.Sctp;

/// <summary>A transmission sequence number: 32 bits that wrap, compared by serial arithmetic (RFC 9260 section 1.6).</summary>
public readonly record struct Tsn(uint Value)
{
    public Tsn Next => new(Value + 1);

    public Tsn Plus(int count) => new(Value + (uint)count);

    /// <summary>How far this one lies behind the other; negative when before it.</summary>
    public int Since(Tsn other) => (int)(Value - other.Value);

    public bool IsAfter(Tsn other) => Since(other) > 0;

    public bool IsBefore(Tsn other) => Since(other) < 0;

    /// <summary>The record's own would print <see cref="Next"/>, and its next, without end.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
