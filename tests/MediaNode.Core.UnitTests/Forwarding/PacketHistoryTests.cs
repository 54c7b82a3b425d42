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
            Assert.True(history.TryStore(sequence, Parse(packet), out _));

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
            Assert.True(history.TryStore(sequence, Parse(Packet(1000)), out _));

        Assert.True(history.TryGet(100, out _));
        Assert.True(history.TryGet(90, out _));
        Assert.False(history.TryGet(50, out _));
        Assert.False(history.TryGet(101, out _));
    }

    [Fact]
    public void Nothing_is_lost_when_it_grows()
    {
        var history = new PacketHistory(PacketHistory.VideoBytes);
        for (ulong sequence = 1; sequence <= 1000; sequence++)
            Assert.True(history.TryStore(sequence, Parse(Numbered(sequence)), out _));
        var kept = Enumerable.Range(1, 1000).Where(sequence => history.TryGet((ulong)sequence, out _)).ToList();
        Assert.InRange(kept.Count, 200, 300);

        Assert.True(history.TryHold(PacketHistory.VideoBytes));
        for (ulong sequence = 1001; sequence <= 1200; sequence++)
            Assert.True(history.TryStore(sequence, Parse(Numbered(sequence)), out _));

        foreach (var sequence in kept.Concat(Enumerable.Range(1001, 200)))
        {
            Assert.True(history.TryGet((ulong)sequence, out var found), $"packet {sequence}");
            Assert.True(found.SequenceEqual(Numbered((ulong)sequence)));
        }
        Assert.False(history.TryHold(PacketHistory.MaximumVideoBytes));
    }

    [Fact]
    public void Padding_is_not_kept_and_the_payload_is_not_taken_for_padding_later()
    {
        var history = new PacketHistory(PacketHistory.AudioBytes);
        var packet = Packet(Header + 100 + 5);
        packet[0] |= 0x20;
        packet.AsSpan(Header).Fill(9);
        packet[^1] = 5;

        Assert.True(history.TryStore(1, Parse(packet), out _));

        Assert.True(history.TryGet(1, out var found));
        Assert.True(packet.AsSpan(Header..^5).SequenceEqual(Parse(found).Payload));
    }

    [Fact]
    public void Packet_longer_than_any_datagram_is_not_kept()
    {
        var history = new PacketHistory(PacketHistory.AudioBytes);

        Assert.False(history.TryStore(1, Parse(Packet(TransmitBatch.MaximumDatagram + 1)), out _));

        Assert.False(history.TryGet(1, out _));
    }

    [Theory]
    [InlineData(5, DropReason.RtpDuplicate)]
    [InlineData(70, DropReason.RtpDuplicate)]
    [InlineData(2000, DropReason.RtpDuplicate)]
    public void Number_that_was_held_is_never_that_of_another_packet(ulong later, DropReason expected)
    {
        var history = new PacketHistory(PacketHistory.AudioBytes);
        for (ulong sequence = 1000; sequence <= 1000 + later; sequence++)
            Assert.True(history.TryStore(sequence, Parse(Packet(Header + 1)), out _));
        history.TryGet(1000, out var before);
        var first = before.ToArray();

        Assert.False(history.TryStore(1000, Parse(Packet(Header + 2)), out var refusal));

        Assert.Equal(expected, refusal);
        history.TryGet(1000, out var after);
        Assert.Equal(first, after.ToArray());
    }

    [Fact]
    public void Number_of_a_packet_that_was_forgotten_is_not_given_again()
    {
        var history = new PacketHistory(PacketHistory.AudioBytes);
        Assert.True(history.TryStore(7, Parse(Packet(Header + 1)), out _));

        history.Clear();

        Assert.False(history.TryGet(7, out _));
        Assert.False(history.TryStore(7, Parse(Packet(Header + 2)), out _));
        Assert.True(history.TryStore(8, Parse(Packet(Header + 2)), out _));
    }

    private static byte[] Numbered(ulong sequence)
    {
        var packet = Packet(1000);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(packet.AsSpan(Header), sequence);
        return packet;
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
