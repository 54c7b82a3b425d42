using MediaNode.Core.Congestion;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Congestion;

public sealed class ArrivalRecorderTests
{
    private readonly ArrivalRecorder _recorder = new();
    private readonly PacketArrival[] _arrivals = new PacketArrival[ArrivalRecorder.MaximumReported];

    [Fact]
    public void Feedback_tells_of_arrived_and_missing_packets_in_order()
    {
        _recorder.HandlePacket(65_535, At(1));
        _recorder.HandlePacket(65_538, At(3));
        _recorder.HandlePacket(65_536, At(4));

        var count = _recorder.Read(_arrivals);

        Assert.Equal(
            [new(65_535, true, TimeSpan.FromMilliseconds(1)), new(0, true, TimeSpan.FromMilliseconds(4)), new(1, false, TimeSpan.Zero), new(2, true, TimeSpan.FromMilliseconds(3))],
            _arrivals[..count]);
    }

    [Fact]
    public void Next_feedback_begins_behind_the_last_one_and_is_counted()
    {
        _recorder.HandlePacket(100_000, At(0));
        Assert.Equal(At(50), _recorder.NextTimeout);
        _recorder.Advance(_recorder.Read(_arrivals));
        Assert.Equal(Instant.Never, _recorder.NextTimeout);

        _recorder.HandlePacket(100_002, At(60));

        Assert.Equal(2, _recorder.Read(_arrivals));
        Assert.False(_arrivals[0].IsReceived);
        Assert.Equal(1, _recorder.FeedbackCount);
    }

    [Fact]
    public void Packet_that_comes_after_it_was_told_of_as_missing_is_told_of_again()
    {
        _recorder.HandlePacket(100_000, At(0));
        _recorder.HandlePacket(100_002, At(1));
        _recorder.Advance(_recorder.Read(_arrivals));

        _recorder.HandlePacket(100_001, At(300));

        Assert.Equal(2, _recorder.Read(_arrivals));
        Assert.Equal(new(unchecked((ushort)100_001), true, TimeSpan.FromMilliseconds(300)), _arrivals[0]);
        Assert.True(_arrivals[1].IsReceived);
        Assert.Equal(At(350), _recorder.NextTimeout);
    }

    [Fact]
    public void Packet_from_long_ago_is_told_of_no_more()
    {
        _recorder.HandlePacket(100_000, At(0));
        _recorder.HandlePacket(100_600, At(1));
        while (_recorder.Read(_arrivals) is > 0 and var count)
            _recorder.Advance(count);

        _recorder.HandlePacket(100_001, At(2000));

        Assert.Equal(0, _recorder.Read(_arrivals));
    }

    [Fact]
    public void Jump_of_the_senders_numbers_starts_the_window_afresh()
    {
        _recorder.HandlePacket(70_000, At(0));
        _recorder.HandlePacket(170_000, At(1));

        Assert.Equal(1, _recorder.Read(_arrivals));
        Assert.Equal(170_000 % 65_536, _arrivals[0].SequenceNumber);
    }

    private static Instant At(long milliseconds) => Instant.FromMilliseconds(milliseconds);
}
