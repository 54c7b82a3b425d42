using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.Fuzz;

/// <summary>Reads a packet through every view: each must take or refuse it.</summary>
internal static class RtcpPacketReading
{
    public static void ReadAll(RtcpPacketView packet)
    {
        if (SenderReportView.TryParse(packet, out var sender, out _))
            ReadBlocks(sender.Blocks);
        if (ReceiverReportView.TryParse(packet, out var receiver, out _))
            ReadBlocks(receiver.Blocks);
        if (SourceDescriptionView.TryParse(packet, out var description, out _))
            description.TryGetCname(new Ssrc(1), out _);
        if (GoodbyeView.TryParse(packet, out var goodbye, out _))
        {
            for (var i = 0; i < goodbye.Count; i++)
                _ = goodbye[i];
        }

        ReadFeedback(packet);
    }

    private static void ReadFeedback(RtcpPacketView packet)
    {
        Span<ushort> lost = stackalloc ushort[NackView.MaximumLost];
        if (NackView.TryParse(packet, out var nack, out _))
            nack.CopyLost(lost);
        Assert.NotEqual(PictureLossView.TryParse(packet, out _, out var failure), failure != ParseFailure.None);
        if (FullIntraRequestView.TryParse(packet, out var request, out _))
            _ = request[request.Count - 1];
        if (ReceiverBandwidthView.TryParse(packet, out var bandwidth, out _))
        {
            Assert.True(bandwidth.Bitrate.BitsPerSecond >= 0);
            for (var i = 0; i < bandwidth.Count; i++)
                _ = bandwidth[i];
        }

        if (TransportFeedbackView.TryParse(packet, out var feedback, out _))
            Assert.Equal(feedback.StatusCount, feedback.CopyTo(new PacketArrival[TransportFeedbackView.MaximumStatuses]));
    }

    private static void ReadBlocks(ReportBlocks blocks)
    {
        for (var i = 0; i < blocks.Count; i++)
            _ = blocks[i];
    }
}
