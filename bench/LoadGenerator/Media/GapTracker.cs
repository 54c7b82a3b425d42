using MediaNode.Core.Time;

namespace LoadGenerator.Media;

/// <summary>
/// Which packets of a received stream are missing, and when to ask for them (again), as browsers do: at once when a gap shows, then once per
/// <see cref="RetryInterval"/>, ten times.
/// </summary>
internal sealed class GapTracker
{
    /// <summary>Missing packets remembered; libwebrtc gives up at a thousand, but a key frame is cheaper long before.</summary>
    public const int Capacity = 256;

    private const int MaximumTries = 10;

    /// <summary>libwebrtc waits one round trip, and takes 100 ms for it as long as nobody told it, which is so where it only receives.</summary>
    public static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(100);

    private readonly Missing[] _missing = new Missing[Capacity];
    private int _count;
    private bool _started;

    public long Highest { get; private set; }

    public Instant NextTimeout { get; private set; } = Instant.Never;

    /// <summary>Set when packets are lost for good: the picture needs a key frame. The owner clears it.</summary>
    public bool HasGivenUp { get; set; }

    /// <summary>The sequence number with its wraps counted. The first one of a stream lies in the second cycle, so that earlier ones are not negative.</summary>
    public long Unwrap(ushort sequence) => _started ? Highest + unchecked((short)(sequence - (ushort)Highest)) : 0x10000 + sequence;

    public void HandlePacket(long sequence, Instant now)
    {
        if (!_started)
        {
            (_started, Highest) = (true, sequence);
            return;
        }
        if (sequence <= Highest)
        {
            Remove(sequence);
            return;
        }
        var gap = sequence - Highest - 1;
        if (gap > Capacity - _count)
        {
            _count = 0;
            HasGivenUp = true;
            NextTimeout = Instant.Never;
        }
        else
        {
            for (var lost = Highest + 1; lost < sequence; lost++)
                _missing[_count++] = new(lost, now, 0);
            if (gap > 0)
                NextTimeout = now;
        }
        Highest = sequence;
    }

    /// <summary>Takes the numbers to ask for now, lowest first.</summary>
    public int TakeDue(Instant now, Span<ushort> due)
    {
        var taken = 0;
        var kept = 0;
        var next = Instant.Never;
        for (var i = 0; i < _count; i++)
        {
            var missing = _missing[i];
            if (missing.DueAt <= now && taken < due.Length)
            {
                if (missing.Tries == MaximumTries)
                {
                    HasGivenUp = true;
                    continue;
                }
                due[taken++] = (ushort)missing.Sequence;
                missing = new(missing.Sequence, now + RetryInterval, missing.Tries + 1);
            }
            next = Instant.Min(next, missing.DueAt);
            _missing[kept++] = missing;
        }
        _count = kept;
        NextTimeout = next;
        return taken;
    }

    private void Remove(long sequence)
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

    private readonly record struct Missing(long Sequence, Instant DueAt, int Tries);
}
