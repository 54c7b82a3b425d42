using MediaNode.Core.Forwarding;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.UnitTests.Forwarding;

public sealed class PacketHistoryTests
{
    private const int Header = 12;

    [Fact]
    public void Every_packet_that_is_found_is_the_one_that_was_stored()
    {
        var history = new PacketHistory(PacketHistory.AudioBytes);
        var random = new Random(1);
        var stored = new Dictionary<ulong, byte[]>();

        for (ulong sequence = 1; sequence < 5000; sequence++)
        {
            var packet = Packet(random.Next(Header, TransmitBatch.MaximumDatagram));
            random.NextBytes(packet.AsSpan(Header));
            stored[sequence] = packet;
            Assert.True(history.TryStore(sequence, Parse(packet)));

            var asked = sequence - (ulong)random.Next(0, (int)Math.Min(sequence, 40));
            if (history.TryGet(asked, out var found))
                Assert.True(found.SequenceEqual(stored[asked]));
        }
    }

    [Fact]
    public void Newest_packets_are_there_and_old_ones_are_gone()
    {
        var history = new PacketHistory(PacketHistory.AudioBytes);
        for (ulong sequence = 1; sequence <= 100; sequence++)
            Assert.True(history.TryStore(sequence, Parse(Packet(1000))));

        Assert.True(history.TryGet(100, out _));
        Assert.True(history.TryGet(90, out _));
        Assert.False(history.TryGet(50, out _));
        Assert.False(history.TryGet(101, out _));
    }

    [Fact]
    public void Padding_is_not_kept_and_the_payload_is_not_taken_for_padding_later()
    {
        var history = new PacketHistory(PacketHistory.AudioBytes);
        var packet = Packet(Header + 100 + 5);
        packet[0] |= 0x20;
        packet.AsSpan(Header).Fill(9);
        packet[^1] = 5;

        Assert.True(history.TryStore(1, Parse(packet)));

        Assert.True(history.TryGet(1, out var found));
        Assert.True(packet.AsSpan(Header..^5).SequenceEqual(Parse(found).Payload));
    }

    [Fact]
    public void Packet_longer_than_any_datagram_is_not_kept()
    {
        var history = new PacketHistory(PacketHistory.AudioBytes);

        Assert.False(history.TryStore(1, Parse(Packet(TransmitBatch.MaximumDatagram + 1))));

        Assert.False(history.TryGet(1, out _));
    }

    private static byte[] Packet(int length)
    {
        var packet = new byte[length];
        packet[0] = 0x80;
        return packet;
    }

    private static RtpPacketView Parse(ReadOnlySpan<byte> packet)
    {
        Assert.True(RtpPacketView.TryParse(packet, out var view, out _));
        return view;
    }
}
