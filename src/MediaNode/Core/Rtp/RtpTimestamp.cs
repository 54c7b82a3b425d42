namespace MediaNode.Core.Rtp;

/// <summary>A 32-bit RTP timestamp in units of the payload's clock rate; comparisons hold across the wrap (RFC 3550 section 5.1).</summary>
public readonly record struct RtpTimestamp(uint Value)
{
    /// <summary>Ticks from <paramref name="earlier"/> to this one; negative when this one is older.</summary>
    public int Since(RtpTimestamp earlier) => unchecked((int)(Value - earlier.Value));

    public bool IsNewerThan(RtpTimestamp other) => Since(other) > 0;

    public static RtpTimestamp operator +(RtpTimestamp left, uint ticks) => new(unchecked(left.Value + ticks));

    public static RtpTimestamp operator -(RtpTimestamp left, uint ticks) => new(unchecked(left.Value - ticks));

    public static RtpTimestamp Add(RtpTimestamp left, uint ticks) => left + ticks;

    public static RtpTimestamp Subtract(RtpTimestamp left, uint ticks) => left - ticks;
}
