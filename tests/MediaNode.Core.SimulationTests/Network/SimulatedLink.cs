using MediaNode.Core.Time;

namespace MediaNode.Core.SimulationTests.Network;

/// <summary>The narrowest link of a path: a rate, a queue that drops what does not fit (drop-tail), and losses of its own.</summary>
internal sealed class SimulatedLink : IPath
{
    /// <summary>IPv4 and UDP headers travel too.</summary>
    private const int OverheadBytes = 28;

    private readonly List<double> _queueMilliseconds = [];
    private Instant _freeAt;
    private Instant _lastPacket;
    private bool _isInBurst;

    /// <summary>A burst is over by then, whether anything was sent or not: otherwise it would take all attempts of a handshake, which are seconds apart.</summary>
    private static readonly TimeSpan LongestSilenceInBurst = TimeSpan.FromMilliseconds(500);

    public double KilobitsPerSecond { get; set; } = 100_000;

    /// <summary>Longest wait in the queue before a datagram is dropped.</summary>
    public TimeSpan Queue { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Share of datagrams lost whatever is sent.</summary>
    public double Loss { get; set; }

    /// <summary>Share of datagrams at which a burst of losses begins; it takes the next one with it with <see cref="BurstContinues"/>.</summary>
    public double BurstBegins { get; set; }

    public double BurstContinues { get; set; } = 0.8;

    /// <summary>Up to so much more on the way, evenly spread, which reorders.</summary>
    public TimeSpan Jitter { get; set; }

    /// <summary>Traffic of somebody else that never gives way.</summary>
    public double CrossKilobitsPerSecond { get; set; }

    public long Bytes { get; private set; }

    public bool TryPass(int bytes, Instant now, Random random, out Instant left)
    {
        left = now;
        if (_freeAt < now)
            _freeAt = now;
        else if (_lastPacket < now)
            _freeAt += (now - _lastPacket) * (CrossKilobitsPerSecond / KilobitsPerSecond);
        var isInBurst = _isInBurst && now - _lastPacket < LongestSilenceInBurst;
        _lastPacket = now;
        _isInBurst = random.NextDouble() < (isInBurst ? BurstContinues : BurstBegins);
        var isLost = random.NextDouble() < Loss || _isInBurst;
        _queueMilliseconds.Add((_freeAt - now).TotalMilliseconds);
        if (_freeAt - now > Queue)
            return false;
        _freeAt += TimeSpan.FromSeconds((bytes + OverheadBytes) * 8 / (KilobitsPerSecond * 1000));
        Bytes += bytes;
        left = _freeAt + Jitter * random.NextDouble();
        return !isLost;
    }

    /// <summary>What datagrams found in front of them since the last time.</summary>
    public double TakeQueuePercentile(double share)
    {
        if (_queueMilliseconds.Count == 0)
            return 0;
        _queueMilliseconds.Sort();
        var value = _queueMilliseconds[(int)((_queueMilliseconds.Count - 1) * share)];
        _queueMilliseconds.Clear();
        return value;
    }
}
