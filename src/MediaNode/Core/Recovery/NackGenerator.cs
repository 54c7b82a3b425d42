using MediaNode.Core.Time;

namespace MediaNode.Core.Recovery;

/// <summary>
/// Finds gaps in one incoming stream and says which sequence numbers to ask for again (RFC 4585 section 6.2.1), and when to give up.
/// </summary>
internal sealed class NackGenerator
{
    /// <summary>Missing packets remembered at once; past it a key frame is cheaper than the retransmissions.</summary>
    public const int MaximumMissing = 250;

    /// <summary>A jump of more than this is a restart of the sender, not loss.</summary>
    private const int MaximumGap = 1000;

    private const int MaximumTries = 10;

    /// <summary>How far behind the first packet to come the real first one may be.</summary>
    private const int MaximumOvertaken = 64;

    /// <summary>Packets that merely overtook each other should not be asked for: most reordering is within a few milliseconds.</summary>
    private static readonly TimeSpan ReorderingDelay = TimeSpan.FromMilliseconds(5);

    private static readonly TimeSpan LeastRetryInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>What an answer may take beside the round trip: the sender's own timers, and jitter.</summary>
    private static readonly TimeSpan RetryMargin = TimeSpan.FromMilliseconds(10);

    private readonly Missing[] _missing = new Missing[MaximumMissing];
    private int _count;
    private ulong _highest;
    private ulong _lowest;
    private bool _started;

    /// <summary>When the next request is due; never while nothing is missing.</summary>
    public Instant NextTimeout { get; private set; } = Instant.Never;

    public int MissingCount => _count;

    /// <summary>Round-trip time to the sender: a retry waits at least so long. Until it is known, that of a continent.</summary>
    public TimeSpan RoundTripTime { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <returns>False when so much is missing that the stream needs a key frame instead; the generator starts afresh.</returns>
    public bool HandlePacket(ulong sequence, Instant now)
    {
        if (!_started)
        {
            _started = true;
            _highest = _lowest = sequence;
            return true;
        }
        if (sequence <= _highest)
        {
            Remove(sequence);
            if (sequence < _lowest)
                ExtendDown(sequence, now);
            return true;
        }
        var gap = sequence - _highest - 1;
        if (gap > MaximumGap || (int)gap + _count > MaximumMissing)
        {
            _highest = sequence;
            Clear();
            return false;
        }
        for (var lost = _highest + 1; lost < sequence; lost++)
            _missing[_count++] = new(lost, now + ReorderingDelay, 0);
        _highest = sequence;
        if (gap > 0)
            NextTimeout = Instant.Min(NextTimeout, now + ReorderingDelay);
        return true;
    }

    /// <summary>Takes the sequence numbers that are due to be asked for, lowest first.</summary>
    /// <param name="now">The current moment.</param>
    /// <param name="due">Receives them, low 16 bits; what does not fit waits for the next call.</param>
    /// <param name="givenUp">True when some packet was asked for often enough in vain.</param>
    public int TakeDue(Instant now, Span<ushort> due, out bool givenUp)
    {
        givenUp = false;
        var taken = 0;
        var kept = 0;
        var next = Instant.Never;
        var answer = RoundTripTime + RetryMargin;
        var retry = answer > LeastRetryInterval ? answer : LeastRetryInterval;
        for (var i = 0; i < _count; i++)
        {
            var missing = _missing[i];
            if (missing.DueAt <= now && taken < due.Length)
            {
                if (missing.Tries >= MaximumTries)
                {
                    givenUp = true;
                    continue;
                }
                due[taken++] = (ushort)missing.Sequence;
                missing = missing with { DueAt = now + retry, Tries = missing.Tries + 1 };
            }
            next = Instant.Min(next, missing.DueAt);
            _missing[kept++] = missing;
        }
        _count = kept;
        NextTimeout = next;
        return taken;
    }

    /// <summary>Forgets everything up to a key frame: what came before it is of no use any more.</summary>
    public void Clear()
    {
        _count = 0;
        NextTimeout = Instant.Never;
    }

    /// <summary>The stream's first packets were overtaken: what lies between the first one to come and this one is missing too.</summary>
    private void ExtendDown(ulong sequence, Instant now)
    {
        if (_lowest - sequence <= MaximumOvertaken)
        {
            for (var lost = sequence + 1; lost < _lowest && _count < MaximumMissing; lost++)
                _missing[_count++] = new(lost, now + ReorderingDelay, 0);
            if (_count > 0)
                NextTimeout = Instant.Min(NextTimeout, now + ReorderingDelay);
        }
        _lowest = sequence;
    }

    private void Remove(ulong sequence)
    {
        for (var i = 0; i < _count; i++)
        {
            if (_missing[i].Sequence != sequence)
                continue;
            _missing.AsSpan(i + 1, _count - i - 1).CopyTo(_missing.AsSpan(i));
            if (--_count == 0)
                NextTimeout = Instant.Never;
            return;
        }
    }

    private readonly record struct Missing(ulong Sequence, Instant DueAt, int Tries);
}
