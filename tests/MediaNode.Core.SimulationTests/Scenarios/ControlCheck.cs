using MediaNode.Core.Rtcp;

namespace MediaNode.Core.SimulationTests.Scenarios;

/// <summary>Every RTCP compound that the node sends must be whole, and made of packets that say something.</summary>
internal static class ControlCheck
{
    public static void AssertWellFormed(ReadOnlySpan<byte> compound)
    {
        Assert.True(RtcpCompoundReader.TryParse(compound, out var packets, out var failure), $"{failure} in {Convert.ToHexString(compound)}");
        foreach (var packet in packets)
            Assert.True(IsUnderstood(packet), $"{packet.Type} {packet.Count}: {Convert.ToHexString(packet.Bytes)}");
    }

    private static bool IsUnderstood(RtcpPacketView packet) => packet.Type switch
    {
        RtcpPacketType.SenderReport => SenderReportView.TryParse(packet, out _, out _),
        RtcpPacketType.ReceiverReport => ReceiverReportView.TryParse(packet, out _, out _),
        RtcpPacketType.SourceDescription => SourceDescriptionView.TryParse(packet, out _, out _),
        RtcpPacketType.Goodbye => GoodbyeView.TryParse(packet, out var goodbye, out _) && goodbye.Count > 0,
        RtcpPacketType.TransportFeedback =>
            (NackView.TryParse(packet, out var nack, out _) && nack.CopyLost(new ushort[NackView.MaximumLost]) > 0) || TransportFeedbackView.TryParse(packet, out _, out _),
        RtcpPacketType.PayloadFeedback =>
            PictureLossView.TryParse(packet, out _, out _) || FullIntraRequestView.TryParse(packet, out _, out _) || ReceiverBandwidthView.TryParse(packet, out _, out _),
        _ => false,
    };
}
