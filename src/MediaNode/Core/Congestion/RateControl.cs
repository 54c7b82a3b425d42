using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Congestion;

/// <summary>
/// The rate that the delay allows: additive or multiplicative increase, multiplicative decrease (draft-ietf-rmcat-gcc-02 section 5.5).
/// </summary>
internal sealed class RateControl
{
    /// <summary>After over-use the rate is this share of what got through, so that the queue empties: the draft's beta.</summary>
    private const double Decrease = 0.85;

    /// <summary>Growth per second far from the capacity: the draft's eta.</summary>
    private const double Growth = 1.08;

    /// <summary>
    /// An application that sends less than it may proves nothing about more: the rate stays within this factor of what got through. More has to be probed for.
    /// </summary>
    private const double MostOverAcknowledged = 1.5;

    private const double BeginShare = 0.75;

    private static readonly Bitrate Slack = Bitrate.FromKilobits(10);
    private static readonly Bitrate LeastGrowthPerSecond = Bitrate.FromKilobits(4);

    /// <summary>Queues take a round trip, and the detector about this, to answer to a change of rate.</summary>
    private static readonly TimeSpan ResponseTime = TimeSpan.FromMilliseconds(100);

    /// <summary>The delay neither grew nor shrank for so long: there is no queue left.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(1);

    private const double PacketBits = 1200 * 8;
    private const double FramesPerSecond = 30;

    private readonly LinkCapacity _capacity = new();
    private readonly Bitrate _least;
    private readonly Bitrate _most;
    private bool _mayIncrease = true;
    private Instant _lastIncrease = Instant.Never;
    private Instant _lastDecrease = Instant.Never;
    private Instant _normalSince = Instant.Never;

    public RateControl(Bitrate start, Bitrate least, Bitrate most)
    {
        (_least, _most) = (least, most);
        Rate = start;
    }

    public Bitrate Rate { get; private set; }

    /// <summary>When the path was last found full; never before the first time.</summary>
    public Instant LastDecrease => _lastDecrease;

    public void Update(PathUsage usage, Bitrate? acknowledged, TimeSpan roundTrip, Instant now)
    {
        _normalSince = usage == PathUsage.Normal ? Instant.Min(_normalSince, now) : Instant.Never;
        switch (usage)
        {
            case PathUsage.Over:
                if (MayDecrease(acknowledged, roundTrip, now))
                    Reduce(acknowledged, now);
                _mayIncrease = false;
                break;
            case PathUsage.Under:
                // The queue empties: wait until it is.
                _mayIncrease = false;
                _lastIncrease = now;
                break;
            default:
                if (_mayIncrease)
                    Increase(acknowledged, roundTrip, now);
                else
                    _lastIncrease = now;
                _mayIncrease = true;
                break;
        }
    }

    /// <summary>A probe measured what the path carries.</summary>
    public void HandleProbe(Bitrate measured, Instant now)
    {
        if (measured <= Rate)
            return;
        if (_capacity.IsAbove(measured))
            _capacity.Clear();
        Rate = Clamp(measured);
        _lastIncrease = now;
    }

    /// <summary>What the path carries was seen before anything else was known of it. A little of it is left free.</summary>
    public void Begin(Bitrate capacity) => Rate = Clamp(capacity * BeginShare);

    /// <summary>Something other than the delay showed that less fits.</summary>
    public void Limit(Bitrate rate) => Rate = Clamp(Bitrate.Min(rate, Rate));

    private bool MayDecrease(Bitrate? acknowledged, TimeSpan roundTrip, Instant now)
    {
        if (_lastDecrease == Instant.Never)
            return true;
        var interval = TimeSpan.FromMilliseconds(Math.Clamp(roundTrip.TotalMilliseconds, 10, 200));
        return now - _lastDecrease >= interval || acknowledged < Rate * 0.5;
    }

    private void Reduce(Bitrate? acknowledged, Instant now)
    {
        _lastDecrease = now;
        if (acknowledged is not { } arrived)
        {
            Rate = Clamp(Rate * 0.5);
            return;
        }
        if (_capacity.IsBelow(arrived))
            _capacity.Clear();
        _capacity.Add(arrived);
        var reduced = arrived * Decrease;
        // What arrived was above the estimate: then the capacity as known decides.
        if (reduced > Rate)
            reduced = _capacity.Estimate * Decrease;
        Rate = Clamp(Bitrate.Min(reduced, Rate));
    }

    private void Increase(Bitrate? acknowledged, TimeSpan roundTrip, Instant now)
    {
        var step = _lastIncrease == Instant.Never ? TimeSpan.Zero : now - _lastIncrease;
        _lastIncrease = now;
        var seconds = Math.Clamp(step.TotalSeconds, 0, 1);
        if (acknowledged is { } arrived && _capacity.IsAbove(arrived))
            _capacity.Clear();
        var grown = _capacity.IsKnown
            ? Rate + AdditiveGrowth(roundTrip) * seconds
            : Bitrate.Max(Rate * Math.Pow(Growth, seconds), Rate + Bitrate.FromKilobits(1) * seconds);
        if (acknowledged is { } through)
        {
            grown = Bitrate.Min(grown, Bitrate.Max(through * MostOverAcknowledged + Slack, Rate));
            // Media itself is the best probe: what gets through without a growing queue is there. Right after the path was full it may be what a standing queue lets through.
            if (through > grown && (!_capacity.IsKnown || now - _normalSince >= Settled))
            {
                _capacity.Clear();
                grown = through;
            }
        }
        Rate = Clamp(grown);
    }

    /// <summary>Near the capacity: about one packet per response time.</summary>
    private Bitrate AdditiveGrowth(TimeSpan roundTrip)
    {
        var frameBits = Rate.BitsPerSecond / FramesPerSecond;
        var packets = Math.Max(1, Math.Ceiling(frameBits / PacketBits));
        var response = (roundTrip + ResponseTime).TotalSeconds * 2;
        return Bitrate.Max(LeastGrowthPerSecond, Bitrate.FromDouble(frameBits / packets / response));
    }

    private Bitrate Clamp(Bitrate rate) => Bitrate.Max(_least, Bitrate.Min(rate, _most));
}
