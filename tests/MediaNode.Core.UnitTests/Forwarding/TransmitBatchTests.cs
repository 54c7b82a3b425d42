using MediaNode.Core.Forwarding;
using MediaNode.Core.Net;

namespace MediaNode.Core.UnitTests.Forwarding;

public sealed class TransmitBatchTests : ITransmitter
{
    private readonly List<(TransportAddress Destination, int Length, byte First)> _sent = [];

    [Fact]
    public void Any_batch_leaves_whole_in_order_and_in_runs_that_the_system_can_segment()
    {
        var random = new Random(1);
        var batch = new TransmitBatch(this, 1 << 18);
        var queued = new List<(TransportAddress, int, byte)>();
        for (var i = 0; i < 20_000; i++)
        {
            var destination = TransportAddress.FromIPv4((uint)(i / random.Next(1, 90)), 1);
            var length = random.Next(4) == 0 ? random.Next(1, TransmitBatch.MaximumDatagram) : 1200;
            batch.Reserve()[0] = (byte)i;
            batch.Commit(length, destination);
            queued.Add((destination, length, (byte)i));
        }

        batch.Flush();

        Assert.Equal(queued, _sent);
    }

    [Fact]
    public void Frame_to_one_subscriber_is_one_run_and_a_shorter_packet_ends_it()
    {
        var batch = new TransmitBatch(this);
        var subscriber = TransportAddress.FromIPv4(1, 1);
        foreach (var length in (int[])[1200, 1200, 700, 700, 700])
        {
            batch.Reserve();
            batch.Commit(length, subscriber);
        }

        Assert.Equal([3, 2], batch.Transmits.ToArray().Select(transmit => transmit.SegmentCount));
    }

    void ITransmitter.Flush(TransmitBatch batch)
    {
        foreach (var transmit in batch.Transmits)
        {
            Assert.InRange(transmit.SegmentCount, 1, 64);
            Assert.InRange(transmit.Length, 1, 65_507);
            Assert.True(!transmit.IsSegmented || transmit.SegmentSize <= 1400);
            for (var i = 0; i < transmit.SegmentCount; i++)
            {
                var datagram = batch.Slab.AsSpan(transmit.Segment(i));
                _sent.Add((transmit.Destination, datagram.Length, datagram[0]));
            }
        }
    }
}
