using MediaNode.Core.Recovery;
using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Recovery;

public sealed class NackGeneratorTests
{
    private readonly NackGenerator _generator = new();
    private readonly ushort[] _due = new ushort[64];

    [Fact]
    public void Gap_is_asked_for_after_the_reordering_delay_and_not_before()
    {
        _generator.HandlePacket(100, At(0));
        _generator.HandlePacket(103, At(1));

        Assert.Equal(0, _generator.TakeDue(At(5), _due, out _));
        Assert.Equal(2, _generator.TakeDue(At(6), _due, out _));
        Assert.Equal([101, 102], _due[..2]);
    }

    [Fact]
    public void Packet_that_was_only_overtaken_is_not_asked_for()
    {
        _generator.HandlePacket(100, At(0));
        _generator.HandlePacket(102, At(1));
        _generator.HandlePacket(101, At(2));

        Assert.Equal(Instant.Never, _generator.NextTimeout);
        Assert.Equal(0, _generator.TakeDue(At(1000), _due, out _));
    }

    [Fact]
    public void Lost_packet_is_requested_again_after_one_round_trip_and_given_up_in_the_end()
    {
        _generator.RoundTripTime = TimeSpan.FromMilliseconds(80);
        _generator.HandlePacket(100, At(0));
        _generator.HandlePacket(102, At(0));

        var asked = new List<long>();
        var gaveUp = false;
        for (var now = 0; now < 5000 && !gaveUp; now++)
        {
            if (_generator.TakeDue(At(now), _due, out gaveUp) > 0)
                asked.Add(now);
        }

        Assert.True(gaveUp);
        Assert.Equal(10, asked.Count);
        Assert.All(asked.Zip(asked.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 81, 100));
        Assert.Equal(0, _generator.MissingCount);
    }

    [Fact]
    public void First_packets_that_were_overtaken_are_missed_too()
    {
        _generator.HandlePacket(105, At(0));
        _generator.HandlePacket(102, At(1));

        Assert.Equal(2, _generator.TakeDue(At(10), _due, out _));
        Assert.Equal([103, 104], _due[..2]);
    }

    [Fact]
    public void Sequence_numbers_wrap_in_what_is_asked_for()
    {
        _generator.HandlePacket(65_534, At(0));
        _generator.HandlePacket(65_538, At(0));

        Assert.Equal(3, _generator.TakeDue(At(10), _due, out _));
        Assert.Equal([65_535, 0, 1], _due[..3]);
    }

    [Fact]
    public void Too_much_loss_asks_for_a_key_frame_instead_and_starts_afresh()
    {
        _generator.HandlePacket(100, At(0));

        Assert.False(_generator.HandlePacket(100 + NackGenerator.MaximumMissing + 2, At(0)));

        Assert.Equal(0, _generator.MissingCount);
        Assert.True(_generator.HandlePacket(100 + NackGenerator.MaximumMissing + 3, At(1)));
    }

    private static Instant At(long milliseconds) => Instant.FromMilliseconds(milliseconds);
}
