using MediaNode.Core.Time;

namespace MediaNode.Core.Congestion;

/// <summary>Differences between two neighbouring groups of packets.</summary>
/// <param name="Send">Between their first packets' send times.</param>
/// <param name="Arrival">Between their first packets' arrivals.</param>
/// <param name="ArrivedAt">Of the newer group, by the receiver's clock.</param>
internal readonly record struct GroupDelta(TimeSpan Send, TimeSpan Arrival, TimeSpan ArrivedAt);

/// <summary>
/// Puts packets that left together into groups (draft-ietf-rmcat-gcc-02 section 5.2): a frame's packets queue behind one another, which
/// says nothing about the path. What counts is how the first of a group fares, which only waits for what was there before. (The draft takes the last
/// one; browsers pace, so that groups are small. Here a whole frame leaves at once, and with the last one every larger frame would look like a queue.)
/// </summary>
internal sealed class PacketGroups
{
    /// <summary>Packets sent within this are one group: the draft's burst time.</summary>
    private static readonly TimeSpan BurstTime = TimeSpan.FromMilliseconds(5);

    /// <summary>A link that stood still lets go of packets at once; they are one group, up to this long.</summary>
    private static readonly TimeSpan LongestBurst = TimeSpan.FromMilliseconds(100);

    /// <summary>Differences of send and arrival times beyond this are a jump of the receiver's clock, forged or real.</summary>
    private static readonly TimeSpan LargestDelta = TimeSpan.FromSeconds(3);

    private Group _current;
    private Group _previous;

    /// <summary>Takes packets in order of arrival.</summary>
    /// <returns>True when the packet began a new group, so that the two before it can be compared.</returns>
    public bool TryAdd(in AcknowledgedPacket packet, out GroupDelta delta)
    {
        delta = default;
        if (!_current.IsUsed)
        {
            _current = new(packet);
            return false;
        }
        // Overtaken by a later group: how it fared is known already.
        if (packet.SentAt < _current.FirstSentAt)
            return false;
        if (Belongs(packet))
        {
            _current.Add(packet);
            return false;
        }
        var isComparable = _previous.IsUsed && TryCompare(out delta);
        _previous = _current;
        _current = new(packet);
        return isComparable;
    }

    /// <summary>Forgets everything, after a jump of the receiver's clock.</summary>
    public void Clear()
    {
        _current = default;
        _previous = default;
    }

    private bool Belongs(in AcknowledgedPacket packet)
    {
        var sendDelta = packet.SentAt - _current.LastSentAt;
        var arrivalDelta = packet.ArrivedAt - _current.LastArrivedAt;
        if (packet.SentAt - _current.FirstSentAt <= BurstTime)
            return true;
        // Arrived closer together than they were sent: they waited in one place.
        return arrivalDelta < sendDelta && arrivalDelta <= BurstTime && packet.ArrivedAt - _current.FirstArrivedAt < LongestBurst;
    }

    private bool TryCompare(out GroupDelta delta)
    {
        delta = new(_current.FirstSentAt - _previous.FirstSentAt, _current.FirstArrivedAt - _previous.FirstArrivedAt, _current.FirstArrivedAt);
        if ((delta.Arrival - delta.Send).Duration() < LargestDelta)
            return true;
        Clear();
        return false;
    }

    private struct Group
    {
        public Group(in AcknowledgedPacket packet)
        {
            IsUsed = true;
            FirstSentAt = LastSentAt = packet.SentAt;
            FirstArrivedAt = LastArrivedAt = packet.ArrivedAt;
        }

        public bool IsUsed;
        public Instant FirstSentAt;
        public Instant LastSentAt;
        public TimeSpan FirstArrivedAt;
        public TimeSpan LastArrivedAt;

        public void Add(in AcknowledgedPacket packet)
        {
            if (packet.SentAt > LastSentAt)
                LastSentAt = packet.SentAt;
            if (packet.ArrivedAt > LastArrivedAt)
                LastArrivedAt = packet.ArrivedAt;
        }
    }
}
