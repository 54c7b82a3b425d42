namespace MediaNode.Core.Sctp;

/// <summary>
/// RTO of RFC 9260 section 6.3.1. Two of its bounds are narrower: at least 400 ms instead of 1 s, as in browsers, since delayed acknowledgements
/// here take 100 ms; at most 10 s instead of 60 s, since a path that is silent for 30 s ends with the peer's ICE consent.
/// </summary>
internal sealed class RetransmissionTimeout
{
    internal static readonly TimeSpan Initial = TimeSpan.FromSeconds(1);
    internal static readonly TimeSpan Minimum = TimeSpan.FromMilliseconds(400);
    internal static readonly TimeSpan Maximum = TimeSpan.FromSeconds(10);

    private TimeSpan? _smoothed;
    private TimeSpan _variation;

    public TimeSpan Value { get; private set; } = Initial;

    /// <summary>Takes in the round trip of something that was sent once only (Karn's rule).</summary>
    public void Measure(TimeSpan roundTrip)
    {
        if (roundTrip < TimeSpan.Zero)
            return;
        if (_smoothed is { } smoothed)
        {
            // RTO.Alpha 1/8, RTO.Beta 1/4.
            _variation = _variation * 0.75 + (smoothed - roundTrip).Duration() * 0.25;
            _smoothed = smoothed * 0.875 + roundTrip * 0.125;
        }
        else
        {
            _smoothed = roundTrip;
            _variation = roundTrip / 2;
        }
        Value = Clamp(_smoothed.Value + _variation * 4);
    }

    /// <summary>RFC 9260 section 6.3.3, rule E2.</summary>
    public void BackOff() => Value = Clamp(Value * 2);

    private static TimeSpan Clamp(TimeSpan value) => value < Minimum ? Minimum : value > Maximum ? Maximum : value;
}
