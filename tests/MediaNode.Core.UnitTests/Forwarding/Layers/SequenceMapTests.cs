using MediaNode.Core.Forwarding.Layers;

namespace MediaNode.Core.UnitTests.Forwarding.Layers;

public sealed class SequenceMapTests
{
    private readonly SequenceMap _map = new(firstOutgoing: 99);

    public SequenceMapTests() => _map.Begin(encoding: 0, incoming: 1000);

    [Fact]
    public void Numbers_go_on_over_what_is_left_out()
    {
        Assert.Equal(100, Forward(1000));
        _map.Skip(1001, withGap: false);
        _map.Skip(1002, withGap: false);
        Assert.Equal(101, Forward(1003));
        _map.Skip(1004, withGap: false);
        Assert.Equal(102, Forward(1005));
    }

    [Fact]
    public void Packet_that_is_missing_keeps_its_number()
    {
        Forward(1000);
        Assert.Equal(102, Forward(1002));
        Assert.Equal(101, Forward(1001));
    }

    [Fact]
    public void Packet_missing_before_one_that_is_left_out_keeps_its_number_too()
    {
        Forward(1000);
        _map.Skip(1002, withGap: false);
        Assert.Equal(102, Forward(1003));
        Assert.Equal(101, Forward(1001));
    }

    [Fact]
    public void Gap_within_what_is_left_out_takes_no_number()
    {
        Forward(1000);
        _map.Skip(1001, withGap: false);
        _map.Skip(1004, withGap: true);
        Assert.Equal(101, Forward(1005));
        Assert.Null(Forward(1002));
    }

    [Fact]
    public void Number_is_given_away_once()
    {
        Assert.Equal(100, Forward(1000));
        Assert.Null(Forward(1000));
        for (ulong i = 1001; i < 5000; i++)
            Forward(i);
        Assert.Null(Forward(1001));
        Assert.Null(Forward(4999));
    }

    [Fact]
    public void Late_packet_of_the_encoding_before_gets_the_number_that_was_left_for_it()
    {
        Forward(1000);
        Forward(1002);
        _map.Begin(encoding: 1, incoming: 500);
        Assert.Equal(103, Forward(500));
        Assert.True(_map.TryForwardLate(0, 1001, out var outgoing));
        Assert.Equal(101UL, outgoing);
        Assert.False(_map.TryForwardLate(0, 1003, out _));
        Assert.Null(Forward(499));
    }

    [Fact]
    public void Every_number_is_given_at_most_once_and_without_gaps_whatever_comes()
    {
        for (var seed = 1; seed <= 200; seed++)
        {
            var random = new Random(seed);
            var map = new SequenceMap(0);
            map.Begin(0, 100_000);
            var given = new HashSet<ulong>();
            // In pictures of three packets, every other one left out, with neighbours swapped now and then, but for the first of a picture: what is left out arrives whole.
            var packets = Enumerable.Range(0, 3000).Select(i => (Number: 100_000UL + (ulong)i, IsLeftOut: i / 3 % 2 == 1)).ToArray();
            for (var i = 0; i + 1 < packets.Length; i += 2)
            {
                if (packets[i].IsLeftOut == packets[i + 1].IsLeftOut && !packets[i].IsLeftOut && random.Next(3) == 0)
                    (packets[i], packets[i + 1]) = (packets[i + 1], packets[i]);
            }
            foreach (var (number, isLeftOut) in packets)
            {
                if (!isLeftOut)
                    Assert.True(map.TryForward(number, out var outgoing) && given.Add(outgoing), $"seed {seed}, packet {number}");
                else
                    map.Skip(number, withGap: false);
            }
            Assert.Equal(1500, given.Count);
            Assert.Equal(1500UL, given.Max() - given.Min() + 1);
        }
    }

    private int? Forward(ulong incoming) => _map.TryForward(incoming, out var outgoing) ? (int)outgoing : null;
}
