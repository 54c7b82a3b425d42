using MediaNode.Core.Rtp;

namespace MediaNode.Core.Congestion;

/// <summary>What the receiver gets, in bits per second, by its own clock: a window that slides in steps.</summary>
internal sealed class AcknowledgedBitrate
{
    /// <summary>Half a second evens out frames and key frames, and forgets an old rate within a few round trips.</summary>
    private const int Buckets = 20;
    private const long BucketTicks = 25 * TimeSpan.TicksPerMillisecond;

    /// <summary>Arrivals over less than this say nothing yet.</summary>
    private const int LeastBuckets = 6;

    private const int RecentBuckets = 10;

    private readonly int[] _bytes = new int[Buckets];
    private long _first;
    private long _newest = long.MinValue;
    private long _total;

    /// <summary>Null until packets have arrived for 150 ms.</summary>
    public Bitrate? Value
    {
        get
        {
            var covered = Math.Min(_newest - _first, Buckets - 1);
            if (_newest == long.MinValue || covered < LeastBuckets)
                return null;
            // The newest bucket is still filling.
            var complete = _total - _bytes[Index(_newest)];
            return Bitrate.Of(complete, TimeSpan.FromTicks(covered * BucketTicks));
        }
    }

    /// <summary>
    /// The best of the last quarter of a second, over the least time that says anything: what the path carried while it was full. After a silence, when a key frame fills it at once, the
    /// whole window knows only of the silence.
    /// </summary>
    public Bitrate? Best
    {
        get
        {
            if (Value is not { } value)
                return null;
            // Of complete buckets, the newest of which is the one before the newest.
            long sum = 0, best = 0;
            for (var back = 1; back <= RecentBuckets && back <= _newest - _first; back++)
            {
                sum += _bytes[Index(_newest - back)] - (back > LeastBuckets ? _bytes[Index(_newest - back + LeastBuckets)] : 0);
                best = Math.Max(best, sum);
            }
            return Bitrate.Max(value, Bitrate.Of(best, TimeSpan.FromTicks(LeastBuckets * BucketTicks)));
        }
    }

    public void Add(in AcknowledgedPacket packet)
    {
        var bucket = packet.ArrivedAt.Ticks / BucketTicks;
        if (_newest == long.MinValue || bucket - _newest >= Buckets || _newest - bucket >= Buckets)
        {
            // The first one, or silence or a jump of the clock beyond the window.
            Array.Clear(_bytes);
            _total = 0;
            _first = _newest = bucket;
        }
        while (_newest < bucket)
        {
            var index = Index(++_newest);
            _total -= _bytes[index];
            _bytes[index] = 0;
        }
        _bytes[Index(bucket)] += packet.Bytes;
        _total += packet.Bytes;
    }

    private static int Index(long bucket) => (int)((bucket % Buckets + Buckets) % Buckets);
}
