namespace MediaNode.Core.Congestion;

/// <summary>
/// The clock of transport-wide feedback wraps every 12.4 days (24 bits of 64 ms): makes of it one that goes on. Only differences mean anything.
/// </summary>
internal struct ReceiverClock
{
    private static readonly long PeriodTicks = (1L << 24) * 64 * TimeSpan.TicksPerMillisecond;

    private long _reference;
    private long _offset;
    private bool _isStarted;

    /// <summary>What to add to the times of a feedback message with this reference time.</summary>
    public TimeSpan Offset(TimeSpan reference)
    {
        if (_isStarted)
        {
            var step = reference.Ticks - _reference;
            if (step > PeriodTicks / 2)
                _offset -= PeriodTicks;
            else if (step < -PeriodTicks / 2)
                _offset += PeriodTicks;
        }
        _isStarted = true;
        _reference = reference.Ticks;
        return TimeSpan.FromTicks(_offset);
    }
}
