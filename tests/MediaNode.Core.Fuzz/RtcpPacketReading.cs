using System.Buffers.Binary;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.Fuzz;

/// <summary>Reads a packet of RTCP through its view, which must take or refuse it.</summary>
internal static class RtcpPacketReading
{
    /// <summary>Through every view: all but one at most must refuse it.</summary>
    public static void ReadAll(RtcpPacketView packet)
    {
        ReadSenderReport(packet);
        ReadReceiverReport(packet);
        ReadSourceDescription(packet);
        ReadGoodbye(packet);
        ReadNack(packet);
        ReadPictureLoss(packet);
        ReadFullIntraRequest(packet);
        ReadReceiverBandwidth(packet);
        ReadTransportFeedback(packet);
    }

    /// <summary>Makes a packet whose header is right of whatever bytes: the first is the count or format, unless that is given, the others are the body.</summary>
    public static RtcpPacketView Wrap(ReadOnlySpan<byte> data, RtcpPacketType type, byte? format = null)
    {
        var body = data.IsEmpty ? data : data[1..];
        var words = (body.Length + 3) / 4;
        var packet = new byte[RtcpPacketView.HeaderSize + 4 * Math.Min(words, ushort.MaxValue)];
        packet[0] = (byte)(0x80 | (format ?? (data.IsEmpty ? 0 : data[0] & 0x1F)));
        packet[1] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)(packet.Length / 4 - 1));
        body[..Math.Min(body.Length, packet.Length - RtcpPacketView.HeaderSize)].CopyTo(packet.AsSpan(RtcpPacketView.HeaderSize));
        Assert.True(RtcpCompoundReader.TryParse(packet, out var reader, out _));
        Assert.True(reader.MoveNext());
        return reader.Current;
    }

    public static void ReadSenderReport(RtcpPacketView packet)
    {
        if (!SenderReportView.TryParse(packet, out var report, out _))
            return;
        _ = (report.Sender.Ssrc, report.Sender.NtpTime, report.Sender.RtpTimestamp);
        ReadBlocks(report.Blocks);
    }

    public static void ReadReceiverReport(RtcpPacketView packet)
    {
        if (ReceiverReportView.TryParse(packet, out var report, out _))
            ReadBlocks(report.Blocks);
    }

    public static void ReadSourceDescription(RtcpPacketView packet)
    {
        if (SourceDescriptionView.TryParse(packet, out var description, out _))
            description.TryGetCname(new Ssrc(1), out _);
    }

    public static void ReadGoodbye(RtcpPacketView packet)
    {
        if (!GoodbyeView.TryParse(packet, out var goodbye, out _))
            return;
        for (var i = 0; i < goodbye.Count; i++)
            _ = goodbye[i];
    }

    public static void ReadNack(RtcpPacketView packet)
    {
        Span<ushort> lost = stackalloc ushort[NackView.MaximumLost];
        if (NackView.TryParse(packet, out var nack, out _))
            Assert.InRange(nack.CopyLost(lost), 1, lost.Length);
    }

    public static void ReadPictureLoss(RtcpPacketView packet) =>
        Assert.NotEqual(PictureLossView.TryParse(packet, out _, out var failure), failure != ParseFailure.None);

    public static void ReadFullIntraRequest(RtcpPacketView packet)
    {
        if (!FullIntraRequestView.TryParse(packet, out var requests, out _))
            return;
        for (var i = 0; i < requests.Count; i++)
            _ = requests[i].Ssrc;
    }

    public static void ReadReceiverBandwidth(RtcpPacketView packet)
    {
        if (!ReceiverBandwidthView.TryParse(packet, out var bandwidth, out _))
            return;
        Assert.True(bandwidth.Bitrate.BitsPerSecond >= 0);
        for (var i = 0; i < bandwidth.Count; i++)
            _ = bandwidth[i];
    }

    public static void ReadTransportFeedback(RtcpPacketView packet)
    {
        if (TransportFeedbackView.TryParse(packet, out var feedback, out _))
            Assert.Equal(feedback.StatusCount, feedback.CopyTo(new PacketArrival[TransportFeedbackView.MaximumStatuses]));
    }

    private static void ReadBlocks(ReportBlocks blocks)
    {
        for (var i = 0; i < blocks.Count; i++)
            _ = blocks[i];
    }
}
