using MediaNode.Core.Congestion;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Congestion;

public sealed class PacketTrainTests
{
    private const int Bytes = 1100;

    /// <summary>What a path of 300 kbit/s takes for one of them.</summary>
    private const double Spacing = Bytes * 8 / 300.0;

    private PacketTrain _train;
    private uint _sequence;

    [Fact]
    public void Burst_that_arrives_spread_tells_the_rate_of_the_path()
    {
        Bitrate? carried = null;
        for (var i = 0; i < 12; i++)
            carried ??= Arrive(sentAt: i, arrivedAt: 50 + i * Spacing);

        Assert.NotNull(carried);
        Assert.InRange(carried.Value.BitsPerSecond, 295_000, 305_000);
    }

    [Fact]
    public void Burst_that_arrives_as_it_was_sent_tells_nothing()
    {
        for (var i = 0; i < 100; i++)
            Assert.Null(Arrive(sentAt: 5 * i, arrivedAt: 50 + 5 * i));
    }

    [Fact]
    public void Frames_that_are_far_apart_are_no_burst()
    {
        for (var i = 0; i < 100; i++)
            Assert.Null(Arrive(sentAt: 33 * i, arrivedAt: 50 + 70 * i));
    }

    [Fact]
    public void Stall_in_the_middle_is_not_the_path()
    {
        for (var i = 0; i < 30; i++)
            Assert.Null(Arrive(sentAt: i, arrivedAt: 50 + i + (i > 5 ? 200 : 0)));
    }

    [Fact]
    public void Path_that_reorders_is_not_judged_by_how_far_it_spreads()
    {
        _sequence = 1;
        Arrive(sentAt: 1, arrivedAt: 50);
        _sequence = 0;
        Arrive(sentAt: 0, arrivedAt: 51);
        _sequence = 2;

        for (var i = 2; i < 30; i++)
            Assert.Null(Arrive(sentAt: i, arrivedAt: 50 + i * Spacing));
    }

    [Fact]
    public void Packets_that_may_have_overtaken_others_are_no_burst()
    {
        for (var i = 0; i < 30; i++)
        {
            Assert.Null(Arrive(sentAt: i, arrivedAt: 50 + i * Spacing));
            _sequence += i % 3 == 2 ? 1u : 0;
        }
    }

    private Bitrate? Arrive(double sentAt, double arrivedAt) =>
        _train.Add(new(Instant.FromSeconds(sentAt / 1000), TimeSpan.FromMilliseconds(arrivedAt), Bytes, 0, Sequence: _sequence++));
}
