namespace LoadGenerator.Measuring;

/// <summary>What became of one packet's number.</summary>
internal enum CheckResult
{
    /// <summary>Outside of the measured range.</summary>
    NotMeasured,
    New,
    Duplicate,
}

/// <summary>
/// The numbered packets that one subscriber has to get of one stream: each is ticked off once. The range is [first, end); the end is set
/// when the measurement ends, and stragglers are still ticked off then.
/// </summary>
internal sealed class CheckOff
{
    private ulong[] _marks = [];
    private long _first;
    private long _end;

    public bool IsMeasuring { get; private set; }

    public long Received { get; private set; }

    public long Duplicates { get; private set; }

    /// <summary>Packets sent within the range so far, given the number that the publisher sends next.</summary>
    public long Expected(long nextNumber) => IsMeasuring ? Math.Max(0, Math.Min(nextNumber, _end) - _first) : 0;

    /// <summary>Takes its memory before the measurement, which it would hold up.</summary>
    /// <param name="capacity">More packets than can be sent during the measurement.</param>
    public void Reserve(long capacity) => _marks = new ulong[(capacity + 63) / 64];

    /// <param name="first">The first number that counts.</param>
    public void Begin(long first)
    {
        (_first, _end) = (first, first + _marks.Length * 64L);
        IsMeasuring = true;
    }

    public void End(long end) => _end = Math.Min(_end, end);

    public CheckResult Mark(long number)
    {
        if (!IsMeasuring || number < _first || number >= _end)
            return CheckResult.NotMeasured;
        var at = number - _first;
        ref var word = ref _marks[at >> 6];
        var bit = 1UL << (int)(at & 63);
        if ((word & bit) != 0)
        {
            Duplicates++;
            return CheckResult.Duplicate;
        }
        word |= bit;
        Received++;
        return CheckResult.New;
    }
}
