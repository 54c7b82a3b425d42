namespace MediaNode.Core.Time;

/// <summary>A moment of the clock that the host injects: nanoseconds since an arbitrary start. Never read from a clock in here.</summary>
public readonly record struct Instant(long Nanoseconds) : IComparable<Instant>
{
    /// <summary>Later than every moment: the next deadline of a machine that waits for nothing.</summary>
    public static readonly Instant Never = new(long.MaxValue);

    public static Instant FromSeconds(double seconds) => new((long)(seconds * 1e9));

    public static Instant FromMilliseconds(long milliseconds) => new(milliseconds * 1_000_000);

    public long Milliseconds => Nanoseconds / 1_000_000;

    public static Instant operator +(Instant left, TimeSpan right) => left == Never ? Never : new(left.Nanoseconds + right.Ticks * 100);

    public static Instant operator -(Instant left, TimeSpan right) => left == Never ? Never : new(left.Nanoseconds - right.Ticks * 100);

    public static TimeSpan operator -(Instant left, Instant right) => TimeSpan.FromTicks((left.Nanoseconds - right.Nanoseconds) / 100);

    public static bool operator <(Instant left, Instant right) => left.Nanoseconds < right.Nanoseconds;

    public static bool operator >(Instant left, Instant right) => left.Nanoseconds > right.Nanoseconds;

    public static bool operator <=(Instant left, Instant right) => left.Nanoseconds <= right.Nanoseconds;

    public static bool operator >=(Instant left, Instant right) => left.Nanoseconds >= right.Nanoseconds;

    public static Instant Min(Instant left, Instant right) => left < right ? left : right;

    public static Instant Max(Instant left, Instant right) => left > right ? left : right;

    public static Instant Add(Instant left, TimeSpan right) => left + right;

    public static TimeSpan Subtract(Instant left, Instant right) => left - right;

    public int CompareTo(Instant other) => Nanoseconds.CompareTo(other.Nanoseconds);
}
