using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Congestion;

/// <summary>
/// When to probe, and how high. Only for what somebody waits for: a probe never asks for more than all that the subscriber wants and some margin.
/// While probes succeed the next one follows at once, at twice the rate; one that fails makes the next one wait, longer each time.
/// </summary>
internal sealed class ProbePlan
{
    private const double Step = 2;

    /// <summary>Beyond what is wanted, so that it then fits with room to breathe.</summary>
    public const double Margin = 1.3;

    /// <summary>A probe that finds this share of its rate has found the path free.</summary>
    private const double Success = 0.75;

    /// <summary>A probe at up to this multiple of the last one that succeeded would find the same.</summary>
    private const double Same = 1.2;

    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);

    /// <summary>The longest that a path that has recovered goes unnoticed.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1.5);

    /// <summary>Feedback comes within a round trip and a quarter of a second; later it does not come.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>After over-use the queue has to empty, or the probe would measure it.</summary>
    private static readonly TimeSpan AfterOveruse = TimeSpan.FromMilliseconds(700);

    /// <summary>Where the delay varies by about as much as a probe lasts, every probe seems slow; of a longer one that takes a smaller share.</summary>
    private static readonly TimeSpan LongestProbe = TimeSpan.FromMilliseconds(60);

    private readonly ProbeCluster _cluster = new();
    private TimeSpan _duration = ProbeCluster.Usual;
    private TimeSpan _wait = FirstWait;
    private Instant _notBefore = new(long.MinValue);
    private Bitrate _lastFound;
    private Instant _lastFoundAt;

    /// <summary>The probe under way; its id is 0 before the first.</summary>
    public ProbeCluster Cluster => _cluster;

    /// <summary>A probe is being sent, or its feedback awaited.</summary>
    public bool IsProbing { get; private set; }

    /// <summary>When a packet of the probe is to be sent, or the probe given up.</summary>
    public Instant NextTimeout => !IsProbing ? Instant.Never : _cluster.IsSent ? _cluster.StartedAt + Patience : _cluster.NextPacketAt;

    /// <summary>Begins a probe if there is something to find and nothing speaks against it.</summary>
    /// <param name="estimate">What is known to fit.</param>
    /// <param name="wanted">All that the subscriber wants, in its best quality.</param>
    public bool TryStart(Bitrate estimate, Bitrate wanted, Instant now)
    {
        if (IsProbing || now < _notBefore || estimate >= wanted * ((1 + Margin) / 2))
            return false;
        var rate = Bitrate.Min(estimate * Step, wanted * Margin);
        // What was found has not become the estimate, so something else limits it: the same again can wait.
        if (rate <= _lastFound * Same && now < _lastFoundAt + FirstWait)
            return false;
        _cluster.Start(rate, _duration, now);
        IsProbing = true;
        return true;
    }

    public void HandleOveruse(Instant now)
    {
        if (IsProbing)
            Fail(now);
        _notBefore = now + AfterOveruse > _notBefore ? now + AfterOveruse : _notBefore;
    }

    public void HandleMeasured(Bitrate measured, Instant now)
    {
        IsProbing = false;
        if (!_cluster.WasReordered)
            _duration = ProbeCluster.Usual;
        if (measured < _cluster.Rate * Success)
        {
            Fail(now);
            if (_cluster.WasReordered)
                _duration = _duration * 2 < LongestProbe ? _duration * 2 : LongestProbe;
            return;
        }
        _wait = FirstWait;
        _notBefore = now;
        (_lastFound, _lastFoundAt) = (_cluster.Rate, now);
    }

    /// <summary>Nothing is left that a probe could be sent on: the path is not to blame, the next one need not wait.</summary>
    public void GiveUp() => IsProbing = false;

    /// <summary>A probe without an answer has failed.</summary>
    public void HandleTimeout(Instant now)
    {
        if (IsProbing && now >= _cluster.StartedAt + Patience)
            Fail(now);
    }

    private void Fail(Instant now)
    {
        IsProbing = false;
        _notBefore = now + _wait;
        _wait = _wait * 2 < LongestWait ? _wait * 2 : LongestWait;
    }
}
