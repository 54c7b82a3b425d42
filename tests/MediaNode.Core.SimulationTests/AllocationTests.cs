using MediaNode.Core.Forwarding;
using MediaNode.Core.Net;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.SimulationTests.Network;
using MediaNode.TestPeer;

namespace MediaNode.Core.SimulationTests;

public sealed class AllocationTests
{
    private const int Subscribers = 10;
    private const int Packets = 8000;

    [Fact]
    public void Forwarding_to_ten_subscribers_allocates_nothing()
    {
        using var conference = new Conference(seed: 1);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscribers = Enumerable.Range(2, Subscribers).Select(user => ForwardingTests.Watch(conference, (ulong)user, publisher)).ToList();
        for (var frame = 0; frame < 30; frame++)
            ForwardingTests.SendAndReceive(conference, publisher, subscribers[0]);

        // From here on datagrams are caught instead of sent, so that only the engine runs while it is measured.
        var datagrams = new List<byte[]>();
        conference.Network.Filter = (from, _, datagram) =>
        {
            if (from == publisher.Address && DatagramDemux.Classify(datagram) == PacketKind.Rtp)
                datagrams.Add(datagram);
            return false;
        };
        while (datagrams.Count < Packets)
            publisher.SendFrame(videoPackets: 8);
        conference.DiscardTransmits = true;
        var forwarded = conference.Engine.Counters.PacketsForwarded;
        // Until everything that grows with the traffic, and all of it comes at one moment here, is as large as it gets.
        const int warmUp = Packets * 3 / 4;
        for (var i = 0; i < warmUp; i++)
            Handle(i);

        var allocated = Allocations.OfEach(warmUp, datagrams.Count, Handle);
        // What waits for its turn has it now.
        for (var i = 0; i < 200; i++)
            TakeTurn();

        Assert.Equal(0, allocated);
        Assert.Equal(datagrams.Count * Subscribers, conference.Engine.Counters.PacketsForwarded - forwarded);
        Assert.Equal(0, conference.Engine.Drops[DropReason.SrtpAuthentication]);

        // Batches come faster than a path is let have them of which nothing is known, so that some of it has to wait.
        void Handle(int i)
        {
            conference.Engine.HandleDatagram(publisher.Address, datagrams[i], conference.Now);
            if (i % 100 == 99 || i == datagrams.Count - 1)
                TakeTurn();
        }

        void TakeTurn()
        {
            conference.Engine.Flush(conference.Now);
            conference.Skip(TimeSpan.FromMilliseconds(20));
            conference.Engine.HandleTimeout(conference.Now);
            conference.Engine.Flush(conference.Now);
        }
    }

    [Fact]
    public void Feedback_and_reports_allocate_nothing()
    {
        using var conference = new Conference(seed: 2);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscriber = ForwardingTests.Watch(conference, 2, publisher);
        for (var frame = 0; frame < 90; frame++)
            ForwardingTests.SendAndReceive(conference, publisher, subscriber);

        var feedback = new List<byte[]>();
        conference.Network.Filter = (_, _, datagram) =>
        {
            if (DatagramDemux.Classify(datagram) == PacketKind.Rtcp)
                feedback.Add(datagram);
            return false;
        };
        for (var i = 0; i < 400; i++)
            subscriber.Client.SendControl(Feedback(subscriber, (ushort)(subscriber.Video.HighestSequenceNumber - i % 50), (ushort)i));
        conference.Drain();
        conference.DiscardTransmits = true;
        var source = subscriber.Address;
        for (var i = 0; i < 200; i++)
            Handle(conference, source, feedback[i]);

        var allocated = Allocations.OfEach(200, 400, i => Handle(conference, source, feedback[i]));

        Assert.Equal(0, allocated);
        Assert.True(conference.Engine.Counters.PacketsResent > 0, "no packet was sent again, so nothing was measured");
    }

    [Fact]
    public void Checks_of_clients_and_of_the_node_allocate_nothing()
    {
        using var conference = new Conference(seed: 3);
        conference.Join(1);
        var publisher = new SimulatedPublisher(conference, 1);
        publisher.Client.AnswersChecks = false;
        byte[]? check = null;
        conference.Network.Filter = (from, _, datagram) =>
        {
            if (from == publisher.Address && DatagramDemux.Classify(datagram) == PacketKind.Stun)
                check = datagram;
            return true;
        };
        conference.Run(TimeSpan.FromSeconds(20));
        var sent = conference.Network.Sent;
        for (var i = 0; i < 200; i++)
            Handle(i);
        // An answer a second, a report, and a check every five or so.
        Assert.True(conference.Network.Sent - sent > 200 * 2.1, "the node checks nothing, so nothing would be measured");

        var allocated = Allocations.OfEach(200, 600, Handle);

        Assert.Equal(0, allocated);

        void Handle(int i)
        {
            conference.DiscardTransmits = i >= 200;
            conference.Skip(TimeSpan.FromSeconds(1));
            conference.Engine.HandleDatagram(publisher.Address, check, conference.Now);
            conference.Engine.HandleTimeout(conference.Now);
            conference.Engine.Flush(conference.Now);
        }
    }

    /// <summary>Time goes on with each, so that reports, transport-wide feedback and key frame requests are due too.</summary>
    private static void Handle(Conference conference, TransportAddress source, byte[] datagram)
    {
        conference.Skip(TimeSpan.FromMilliseconds(20));
        conference.Engine.HandleDatagram(source, datagram, conference.Now);
        conference.Engine.HandleTimeout(conference.Now);
        conference.Engine.Flush(conference.Now);
    }

    /// <summary>A receiver report, a NACK, a PLI, REMB and transport-wide feedback in one compound.</summary>
    private static byte[] Feedback(SimulatedSubscriber subscriber, ushort lost, ushort told)
    {
        var buffer = new byte[256];
        var writer = new RtcpWriter(buffer);
        writer.WriteReceiverReport(new(9), [new(subscriber.Video.Ssrc, 10, 5, 100, 30, 0, 0)]);
        writer.WriteNack(new(new(9), subscriber.Video.Ssrc), [lost]);
        writer.WritePictureLoss(new(new(9), subscriber.Video.Ssrc));
        writer.WriteReceiverBandwidth(new(9), Bitrate.FromKilobits(3000), []);
        Assert.True(writer.TryWriteTransportFeedback(
            new(new(9), default), 0, [new(told, true, TimeSpan.FromMilliseconds(20 * told)), new((ushort)(told + 1), false, default), new((ushort)(told + 2), true, TimeSpan.FromMilliseconds(20 * told + 1))]));
        return buffer[..writer.Length];
    }
}
