using MediaNode.Core.Forwarding;

namespace MediaNode.Core.UnitTests.Forwarding;

public sealed class PacketHistoryTests
{
    [Fact]
    public void Every_packet_that_is_found_is_the_one_that_was_stored()
    {
        var history = new PacketHistory(PacketHistory.AudioBytes);
        var random = new Random(1);
        var stored = new Dictionary<ulong, byte[]>();

        for (ulong sequence = 1; sequence < 5000; sequence++)
        {
            var packet = new byte[random.Next(1, TransmitBatch.MaximumDatagram)];
            random.NextBytes(packet);
            stored[sequence] = packet;
            history.Store(sequence, packet);

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
            history.Store(sequence, new byte[1000]);

        Assert.True(history.TryGet(100, out _));
        Assert.True(history.TryGet(90, out _));
        Assert.False(history.TryGet(50, out _));
        Assert.False(history.TryGet(101, out _));
    }

    [Fact]
    public void Packet_longer_than_any_datagram_is_not_kept()
    {
        var history = new PacketHistory(PacketHistory.AudioBytes);

        history.Store(1, new byte[TransmitBatch.MaximumDatagram + 1]);

        Assert.False(history.TryGet(1, out _));
    }
}
