namespace MediaNode.Core.Rtp;

/// <summary>Synchronisation source of an RTP stream (RFC 3550 section 3).</summary>
public readonly record struct Ssrc(uint Value)
{
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>RTP payload type, 0 to 127.</summary>
public readonly record struct PayloadType(byte Value);

/// <summary>Media identification of an m-line (RFC 9143): at most 16 characters here.</summary>
public readonly record struct Mid(string Value)
{
    public override string ToString() => Value;
}

/// <summary>Restriction identifier of a simulcast encoding (RFC 8851): at most 16 characters here.</summary>
public readonly record struct Rid(string Value)
{
    public override string ToString() => Value;
}

/// <summary>Bits per second.</summary>
public readonly record struct Bitrate(long BitsPerSecond) : IComparable<Bitrate>
{
    /// <summary>More than any path carries: no bound at all.</summary>
    public static readonly Bitrate Unlimited = new(long.MaxValue);

    public static Bitrate FromKilobits(long kilobitsPerSecond) => new(kilobitsPerSecond * 1000);

    /// <summary>The rate of so many bytes in a span; saturates, also for a span of nothing.</summary>
    public static Bitrate Of(long bytes, TimeSpan span) =>
        span > TimeSpan.Zero ? FromDouble(bytes * 8.0 / span.TotalSeconds) : Unlimited;

    public static Bitrate FromDouble(double bitsPerSecond) =>
        new(bitsPerSecond >= long.MaxValue ? long.MaxValue : (long)Math.Max(bitsPerSecond, 0));

    /// <summary>Bytes that this rate carries in a span.</summary>
    public long BytesIn(TimeSpan span) => (long)Math.Min(BitsPerSecond / 8.0 * span.TotalSeconds, long.MaxValue / 2);

    /// <summary>Saturates.</summary>
    public static Bitrate operator *(Bitrate left, double right) => FromDouble(left.BitsPerSecond * right);

    /// <summary>Saturates.</summary>
    public static Bitrate operator +(Bitrate left, Bitrate right) => FromDouble((double)left.BitsPerSecond + right.BitsPerSecond);

    /// <summary>Never below zero.</summary>
    public static Bitrate operator -(Bitrate left, Bitrate right) => new(Math.Max(left.BitsPerSecond - right.BitsPerSecond, 0));

    public static bool operator <(Bitrate left, Bitrate right) => left.BitsPerSecond < right.BitsPerSecond;

    public static bool operator >(Bitrate left, Bitrate right) => left.BitsPerSecond > right.BitsPerSecond;

    public static bool operator <=(Bitrate left, Bitrate right) => left.BitsPerSecond <= right.BitsPerSecond;

    public static bool operator >=(Bitrate left, Bitrate right) => left.BitsPerSecond >= right.BitsPerSecond;

    public static Bitrate Min(Bitrate left, Bitrate right) => left < right ? left : right;

    public static Bitrate Max(Bitrate left, Bitrate right) => left > right ? left : right;

    public static Bitrate Multiply(Bitrate left, double right) => left * right;

    public static Bitrate Add(Bitrate left, Bitrate right) => left + right;

    public static Bitrate Subtract(Bitrate left, Bitrate right) => left - right;

    public int CompareTo(Bitrate other) => BitsPerSecond.CompareTo(other.BitsPerSecond);
}

/// <summary>What an m-line carries.</summary>
public enum MediaKind
{
    Audio = 1,
    Video = 2,
    Data = 3,
}
