using MediaNode.Core.Congestion;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Congestion;

public sealed class SentPacketLogTests
{
    private readonly SentPacketLog _log = new();
    private readonly AcknowledgedPacket[] _acknowledged = new AcknowledgedPacket[TransportFeedbackView.MaximumStatuses];

    [Fact]
    public void Feedback_gives_send_time_arrival_and_size_of_what_arrived_and_counts_what_did_not()
    {
        Send(4);

        var outcome = _log.Match([Arrived(0, 30), Lost(1), Arrived(2, 32), Arrived(3, 33)], _acknowledged);

        Assert.Equal(3, outcome.Acknowledged);
        Assert.Equal(1, outcome.Lost);
        Assert.Equal(4, outcome.Packets);
        Assert.Equal(4 * 1000, outcome.Bytes);
        Assert.Equal(new(Instant.FromMilliseconds(2), TimeSpan.FromMilliseconds(32), 1000, 0), _acknowledged[1] with { Sequence = 0 });
        Assert.Equal(2u, _acknowledged[1].Sequence - _acknowledged[0].Sequence);
        Assert.Equal(Instant.FromMilliseconds(0), outcome.FirstSentAt);
        Assert.Equal(Instant.FromMilliseconds(3), outcome.LastSentAt);
    }

    [Fact]
    public void Repeated_feedback_is_no_news()
    {
        Send(2);
        _log.Match([Arrived(0, 30), Lost(1)], _acknowledged);

        var outcome = _log.Match([Arrived(0, 30), Lost(1)], _acknowledged);

        Assert.Equal(default, outcome);
    }

    [Fact]
    public void Packet_that_comes_after_it_was_told_of_as_lost_is_recovered()
    {
        Send(1);
        _log.Match([Lost(0)], _acknowledged);

        var outcome = _log.Match([Arrived(0, 300)], _acknowledged);

        Assert.Equal(1, outcome.Acknowledged);
        Assert.True(_acknowledged[0].IsRecovered);
        Assert.Equal(0, outcome.Packets);
    }

    [Fact]
    public void Packets_never_sent_match_nothing()
    {
        Assert.Equal(default, _log.Match([Arrived(0, 1)], _acknowledged));
        Send(10);

        var outcome = _log.Match([.. Enumerable.Range(10, 1000).Select(number => Arrived((ushort)number, 1))], _acknowledged);

        Assert.Equal(default, outcome);
        Assert.Equal(default, _log.Match([Arrived(65_535, 1), Lost(40_000)], _acknowledged));
    }

    [Fact]
    public void Numbers_wrap()
    {
        Send(65_530);
        Send(10);

        var outcome = _log.Match([Arrived(65_534, 1), Arrived(65_535, 2), Arrived(0, 3), Lost(1), Arrived(2, 5)], _acknowledged);

        Assert.Equal(4, outcome.Acknowledged);
        Assert.Equal(1, outcome.Lost);
    }

    [Fact]
    public void What_has_left_the_ring_is_forgotten_and_the_ring_grows_so_that_it_is_kept_next_time()
    {
        Send(SentPacketLog.InitialCapacity + 100);
        Assert.Equal(0, _log.Match([Arrived(0, 1)], _acknowledged).Acknowledged);
        Assert.Equal(1, _log.Match([Arrived(200, 1)], _acknowledged).Acknowledged);

        Send(SentPacketLog.InitialCapacity + 100);

        Assert.Equal(1, _log.Match([Arrived(SentPacketLog.InitialCapacity + 101, 1)], _acknowledged).Acknowledged);
    }

    private static PacketArrival Arrived(ushort number, long milliseconds) => new(number, true, TimeSpan.FromMilliseconds(milliseconds));

    private static PacketArrival Lost(ushort number) => new(number, false, default);

    private void Send(int packets)
    {
        for (var i = 0; i < packets; i++)
            _log.Add(Instant.FromMilliseconds(i), 1000, probe: 0);
    }
}
