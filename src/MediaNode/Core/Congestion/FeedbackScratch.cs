using MediaNode.Core.Rtcp;

namespace MediaNode.Core.Congestion;

/// <summary>Room in which one feedback message is taken apart; one for all peers of an engine, since it is used by one at a time.</summary>
internal sealed class FeedbackScratch
{
    public PacketArrival[] Told { get; } = new PacketArrival[TransportFeedbackView.MaximumStatuses];

    public AcknowledgedPacket[] Acknowledged { get; } = new AcknowledgedPacket[TransportFeedbackView.MaximumStatuses];
}

/// <summary>Feedback lists packets by number; the estimators want them as they arrived.</summary>
internal static class AcknowledgedPacketOrder
{
    public static void SortByArrival(Span<AcknowledgedPacket> packets)
    {
        for (var i = 1; i < packets.Length; i++)
        {
            if (packets[i].ArrivedAt < packets[i - 1].ArrivedAt)
            {
                packets.Sort(new ByArrival());
                return;
            }
        }
    }

    /// <summary>A struct, so that the sort is made for it and allocates nothing. Ties keep the order of sending.</summary>
    private readonly struct ByArrival : IComparer<AcknowledgedPacket>
    {
        public int Compare(AcknowledgedPacket x, AcknowledgedPacket y)
        {
            var order = x.ArrivedAt.CompareTo(y.ArrivedAt);
            return order != 0 ? order : x.SentAt.CompareTo(y.SentAt);
        }
    }
}
