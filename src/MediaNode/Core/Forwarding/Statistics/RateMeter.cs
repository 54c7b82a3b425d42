using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding.Statistics;

/// <summary>Turns totals into rates: what was added between two looks, a second apart.</summary>
internal struct RateMeter
{
    private long _packets;
    private long _bytes;
    private Instant? _at;

    public Bitrate Bitrate { get; private set; }

    public double PacketsPerSecond { get; private set; }

    public void Tick(long packets, long bytes, Instant now)
    {
        if (_at is { } before && now > before)
        {
            Bitrate = Bitrate.Of(bytes - _bytes, now - before);
            PacketsPerSecond = (packets - _packets) / (now - before).TotalSeconds;
        }
        (_packets, _bytes, _at) = (packets, bytes, now);
    }
}
