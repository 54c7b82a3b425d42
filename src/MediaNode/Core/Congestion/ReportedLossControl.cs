using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Congestion;

/// <summary>
/// The rate from receiver reports alone (draft-ietf-rmcat-gcc-02 section 6), for receivers that send nothing better: loss is all they tell.
/// </summary>
internal sealed class ReportedLossControl
{
    private const double LowLoss = 0.02;
    /// <summary>Above it the rate falls.</summary>
    public const double HighLoss = 0.1;
    private const double Growth = 1.08;

    /// <summary>One decrease per so much: reports of several streams arrive one by one and tell of the same loss.</summary>
    private static readonly TimeSpan DecreaseInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan IncreaseInterval = TimeSpan.FromSeconds(1);

    private readonly Bitrate _least;
    private readonly Bitrate _most;
    private Instant _lastDecrease = Instant.Never;
    private Instant _lastIncrease = Instant.Never;

    public ReportedLossControl(Bitrate least, Bitrate most)
    {
        (_least, _most) = (least, most);
        Rate = most;
    }

    /// <summary>Starts at the most there is: nothing speaks against it yet.</summary>
    public Bitrate Rate { get; private set; }

    /// <param name="loss">Share of packets lost since the report before, 0 to 1.</param>
    /// <param name="sent">What was sent over the last second.</param>
    public void Update(double loss, Bitrate sent, Instant now)
    {
        if (loss > HighLoss)
        {
            if (_lastDecrease != Instant.Never && now - _lastDecrease < DecreaseInterval)
                return;
            _lastDecrease = now;
            Rate = Clamp(Bitrate.Min(Rate, sent) * (1 - 0.5 * loss));
        }
        else if (loss < LowLoss)
        {
            if (_lastIncrease != Instant.Never && now - _lastIncrease < IncreaseInterval)
                return;
            _lastIncrease = now;
            Rate = Clamp(Rate * Growth);
        }
    }

    /// <summary>Gives a higher rate a try: without transport-wide feedback there is no other way to find that a path has become better.</summary>
    public void Try(Bitrate rate) => Rate = Clamp(Bitrate.Max(Rate, rate));

    private Bitrate Clamp(Bitrate rate) => Bitrate.Max(_least, Bitrate.Min(rate, _most));
}
