using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Congestion;

/// <summary>
/// What a burst shows of a path that nothing else is known of: packets that left together and arrive apart were spread by the narrowest link, at its rate. A key frame is such a burst,
/// and says within one round trip what trends of delay and loss take a second for.
/// </summary>
internal struct PacketTrain
{
    /// <summary>Fewer packets over less time say more about schedulers than about the path.</summary>
    private const int LeastPackets = 8;
    private static readonly TimeSpan LeastSpread = TimeSpan.FromMilliseconds(40);

    /// <summary>Packets sent further apart are of two bursts.</summary>
    private static readonly TimeSpan LargestSendGap = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Packets leave a link one by one, evenly. A gap of more than so many usual ones is something else: jitter, a radio that slept, a lost segment of TCP.
    /// </summary>
    private const double LargestGap = 2.5;

    /// <summary>Bursts for which a path counts as one that reorders after a packet was overtaken.</summary>
    private const int ReorderingMemory = 100;

    /// <summary>They must arrive so much further apart than they were sent.</summary>
    private const double LeastRatio = 2;

    private int _packets;
    private long _bytes;
    private int _firstBytes;
    private Instant _firstSent;
    private Instant _lastSent;
    private uint _lastSequence;
    private TimeSpan _firstArrived;
    private TimeSpan _lastArrived;
    private TimeSpan _largestGap;
    private int _reordered;

    /// <summary>The next packet as they arrived.</summary>
    /// <returns>What the path carries, once it shows; null before, and on paths where packets overtake each other: there the spread is theirs.</returns>
    public Bitrate? Add(in AcknowledgedPacket packet)
    {
        if (_packets > 0 && (int)(packet.Sequence - _lastSequence) < 0)
            _reordered = ReorderingMemory;
        // One that is missing was lost, or is overtaken by this one, which would count as order where there is none.
        if (_packets == 0 || packet.SentAt - _lastSent > LargestSendGap || packet.Sequence != _lastSequence + 1)
        {
            this = new()
            {
                _packets = 1,
                _bytes = packet.Bytes,
                _firstBytes = packet.Bytes,
                _firstSent = packet.SentAt,
                _lastSent = packet.SentAt,
                _lastSequence = packet.Sequence,
                _firstArrived = packet.ArrivedAt,
                _lastArrived = packet.ArrivedAt,
                _reordered = Math.Max(0, _reordered - 1),
            };
            return null;
        }
        if (packet.ArrivedAt - _lastArrived > _largestGap)
            _largestGap = packet.ArrivedAt - _lastArrived;
        (_lastSent, _lastSequence, _lastArrived) = (packet.SentAt, packet.Sequence, packet.ArrivedAt);
        _packets++;
        _bytes += packet.Bytes;
        return _reordered > 0 || _packets < LeastPackets ? null : Measure();
    }

    private readonly Bitrate? Measure()
    {
        var spread = _lastArrived - _firstArrived;
        if (spread < LeastSpread || spread < (_lastSent - _firstSent) * LeastRatio || _largestGap > spread / (_packets - 1) * LargestGap)
            return null;
        return Bitrate.Of(_bytes - _firstBytes, spread);
    }
}
