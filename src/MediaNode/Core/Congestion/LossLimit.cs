using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Congestion;

/// <summary>
/// The rate that losses allow. Some paths lose packets whatever is sent (radio); others lose what is above their capacity (shallow queues, which
/// show no delay). Both explanations are fitted to the last observations, and only when the second one is clearly the likelier is the rate limited.
/// </summary>
/// <remarks>
/// The model is that of the loss-based controller of today's browsers in spirit: with capacity C and inherent loss p, of a rate s the share
/// p + (1 - p) * max(0, (s - C) / s) is lost.
/// </remarks>
internal sealed class LossLimit
{
    private const int Window = 20;

    /// <summary>An observation spans so much and so many packets at the least: fewer make a lottery of it.</summary>
    private const int LeastPackets = 20;
    private static readonly TimeSpan LeastSpan = TimeSpan.FromMilliseconds(250);

    /// <summary>Weight of an observation against the one after it.</summary>
    private const double Ageing = 0.85;

    /// <summary>What was observed longer ago says nothing about the path of today.</summary>
    private static readonly TimeSpan LongestAge = TimeSpan.FromSeconds(6);

    /// <summary>Loss that is put down to the path without further proof: retransmissions make good for it.</summary>
    private const double TrustedInherentLoss = 0.1;

    /// <summary>Nobody can talk over a path that loses more by itself.</summary>
    private const double MostInherentLoss = 0.45;

    /// <summary>An observation with below this share of what got through at best shows what is lost whatever is sent.</summary>
    private const double DistinctlyLower = 0.7;

    /// <summary>Difference of log-likelihoods from which on the capacity is believed: e^3 is twenty to one.</summary>
    private const double Evidence = 3;

    /// <summary>Per observation: 17 or 36 percent a second.</summary>
    private const double Growth = 1.04;
    private const double FreeGrowth = 1.08;
    private const double LowLoss = 0.02;

    /// <summary>A probe is a handful of packets, all of which may be lucky.</summary>
    private const double MostPerProbe = 1.5;
    private const double Decrease = 0.95;

    /// <summary>Inherent loss that was learned is forgotten by this factor per observation that saw less.</summary>
    private const double Forgetting = 0.98;

    /// <summary>On a path that reorders, the newest observations still wait for packets that will come: they are left out.</summary>
    private const int Unsettled = 2;

    /// <summary>For so many observations after the last packet that came late.</summary>
    private const int Settling = 20;

    private readonly Observation[] _observations = new Observation[Window];
    private readonly Bitrate _least;
    private int _count;
    private Observation _open;
    private int _newest = -1;
    private int _current;
    private int _unsettled;
    private bool _isDue;
    private double _learned = TrustedInherentLoss;

    public LossLimit(Bitrate least) => _least = least;

    /// <summary><see cref="Bitrate.Unlimited"/> while losses need no capacity to be explained.</summary>
    public Bitrate Limit { get; private set; } = Bitrate.Unlimited;

    /// <summary>Share of packets lost in the last observation.</summary>
    public double LastLoss => _newest < 0 ? 0 : _observations[_newest % Window].Loss;

    /// <param name="delayRate">What the delay allows: past it the limit is of no use and is lifted.</param>
    public void Update(in FeedbackOutcome outcome, Bitrate delayRate)
    {
        HandleSettled(delayRate);
        if (outcome.Packets == 0)
            return;
        _open.Add(outcome);
        if (_open.Packets < LeastPackets || _open.Span < LeastSpan)
            return;
        _open.Complete();
        // Long silences are no sending rate.
        if (_open.Span < TimeSpan.FromSeconds(3))
        {
            _observations[_count % Window] = _open;
            _count = _count == int.MaxValue ? 2 * Window : _count + 1;
            _isDue = true;
        }
        _open = default;
    }

    /// <summary>
    /// An observation counts once the next feedback is there: what was only overtaken, as all of a burst may be that a message cuts in two, has been taken out of it by then.
    /// </summary>
    private void HandleSettled(Bitrate delayRate)
    {
        if (!_isDue)
            return;
        _isDue = false;
        _unsettled = Math.Max(0, _unsettled - 1);
        _newest = _count - 1 - (_unsettled > 0 ? Unsettled : 0);
        if (_newest < 0)
            return;
        _current = CountCurrent();
        Learn();
        Decide(delayRate);
    }

    /// <summary>A probe got through: there is room for more than losses had it seem.</summary>
    public void HandleProbe(Bitrate measured)
    {
        if (Limit < Bitrate.Unlimited)
            Limit = Bitrate.Max(Limit, Bitrate.Min(measured, Limit * MostPerProbe));
    }

    /// <summary>A packet that counted as lost has come after all: it had been overtaken.</summary>
    public void Recover(Instant sentAt)
    {
        if (_open.Packets > 0 && _open.Covers(sentAt))
        {
            TakeBack(ref _open);
            return;
        }
        for (var age = 0; age < Math.Min(_count, Window); age++)
        {
            ref var observation = ref _observations[(_count - 1 - age) % Window];
            if (!observation.Covers(sentAt))
                continue;
            TakeBack(ref observation);
            return;
        }
    }

    private void TakeBack(ref Observation observation)
    {
        observation.Lost = Math.Max(0, observation.Lost - 1);
        _unsettled = Settling;
    }

    /// <summary>
    /// What is lost while distinctly less gets through than can is lost whatever is sent. What is sent does not tell: at half the rate of a burst, a path that carries a tenth of it is
    /// as full as before.
    /// </summary>
    private void Learn()
    {
        // The best but one: a queue that was empty takes more, once, than the path carries.
        double best = 0, highest = 0;
        for (var age = 0; age < _current; age++)
        {
            var through = _observations[(_newest - age) % Window].Through;
            highest = Math.Max(highest, Math.Min(best, through));
            best = Math.Max(best, through);
        }
        double packets = 0, lost = 0;
        for (var age = 0; age < _current; age++)
        {
            ref readonly var observation = ref _observations[(_newest - age) % Window];
            if (observation.Through >= highest * DistinctlyLower)
                continue;
            packets += observation.Packets;
            lost += observation.Lost;
        }
        if (packets >= 3 * LeastPackets && lost / packets > _learned)
            _learned = Math.Min(lost / packets, MostInherentLoss);
        else if (LastLoss < _learned * 0.5)
            _learned = Math.Max(TrustedInherentLoss, _learned * Forgetting);
    }

    private void Decide(Bitrate delayRate)
    {
        ref readonly var last = ref _observations[_newest % Window];
        var through = last.Through;
        var current = Limit == Bitrate.Unlimited ? through : Limit.BitsPerSecond;
        var unlimited = LogLikelihood(double.PositiveInfinity);
        double best = double.PositiveInfinity, bestLikelihood = unlimited + Evidence;
        Try(through, ref best, ref bestLikelihood);
        Try(through / (1 - _learned), ref best, ref bestLikelihood);
        Try(current, ref best, ref bestLikelihood);
        Try(current * Decrease, ref best, ref bestLikelihood);
        if (!double.IsPositiveInfinity(best))
        {
            // The rate falls at once, and rises step by step.
            Limit = Bitrate.Max(_least, Bitrate.FromDouble(Math.Min(best, Limit == Bitrate.Unlimited ? best : current * Growth)));
            return;
        }
        if (Limit == Bitrate.Unlimited)
            return;
        if (last.Loss <= _learned * 1.3 + LowLoss)
            Limit *= last.Loss < LowLoss ? FreeGrowth : Growth;
        if (Limit > delayRate)
            Limit = Bitrate.Unlimited;
    }

    private void Try(double capacity, ref double best, ref double bestLikelihood)
    {
        var likelihood = LogLikelihood(capacity);
        if (likelihood <= bestLikelihood)
            return;
        best = capacity;
        bestLikelihood = likelihood;
    }

    /// <summary>Observations that still count, newest first.</summary>
    private int CountCurrent()
    {
        var newest = _observations[_newest % Window].EndedAt;
        var current = 1;
        while (current < Math.Min(_newest + 1, Window - Unsettled) && newest - _observations[(_newest - current) % Window].EndedAt < LongestAge)
            current++;
        return current;
    }

    private double LogLikelihood(double capacity)
    {
        var inherent = FitInherent(capacity);
        double sum = 0, weight = 1;
        for (var age = 0; age < _current; age++, weight *= Ageing)
        {
            ref readonly var observation = ref _observations[(_newest - age) % Window];
            var loss = Math.Clamp(inherent + (1 - inherent) * observation.Excess(capacity), 0.001, 0.999);
            sum += weight * (observation.Lost * Math.Log(loss) + (observation.Packets - observation.Lost) * Math.Log(1 - loss));
        }
        return sum;
    }

    /// <summary>The inherent loss that goes best with a capacity, by moments.</summary>
    private double FitInherent(double capacity)
    {
        double unexplained = 0, exposed = 0, weight = 1;
        for (var age = 0; age < _current; age++, weight *= Ageing)
        {
            ref readonly var observation = ref _observations[(_newest - age) % Window];
            var excess = observation.Excess(capacity);
            unexplained += weight * (observation.Lost - observation.Packets * excess);
            exposed += weight * observation.Packets * (1 - excess);
        }
        return exposed > 0 ? Math.Clamp(unexplained / exposed, 0, _learned) : 0;
    }

    private struct Observation
    {
        public double Packets;
        public double Lost;
        public double BitsPerSecond;
        private long _bytes;
        private Instant _first;
        private Instant _last;

        public readonly Instant EndedAt => _last;

        public readonly TimeSpan Span => _last - _first;

        public readonly double Loss => Packets > 0 ? Lost / Packets : 0;

        /// <summary>Bits per second that arrived.</summary>
        public readonly double Through => BitsPerSecond * (1 - Loss);

        public void Add(in FeedbackOutcome outcome)
        {
            _first = Packets == 0 ? outcome.FirstSentAt : Instant.Min(_first, outcome.FirstSentAt);
            _last = Packets == 0 || outcome.LastSentAt > _last ? outcome.LastSentAt : _last;
            Packets += outcome.Packets;
            Lost += outcome.Lost;
            _bytes += outcome.Bytes;
        }

        public readonly bool Covers(Instant sentAt) => sentAt >= _first && sentAt <= _last;

        public void Complete() => BitsPerSecond = Bitrate.Of(_bytes, Span).BitsPerSecond;

        public readonly double Excess(double capacity) => BitsPerSecond > capacity ? (BitsPerSecond - capacity) / BitsPerSecond : 0;
    }
}
