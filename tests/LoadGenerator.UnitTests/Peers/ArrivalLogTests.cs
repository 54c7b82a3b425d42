using LoadGenerator.Peers;
using MediaNode.Core.Time;

namespace LoadGenerator.UnitTests.Peers;

public sealed class ArrivalLogTests
{
    private static readonly Instant Start = Instant.FromMilliseconds(1000);

    private readonly ArrivalLog _log = new();

    [Fact]
    public void Few_packets_are_reported_a_tenth_of_a_second_after_the_first()
    {
        _log.HandlePacket(65534, Start);
        _log.HandlePacket(1, Start + TimeSpan.FromMilliseconds(20));

        Assert.Equal(Start + TimeSpan.FromMilliseconds(100), _log.NextTimeout);
        var report = _log.Take().ToArray();
        Assert.Equal([65534, 65535, 0, 1], report.Select(arrival => arrival.SequenceNumber));
        Assert.Equal([true, false, false, true], report.Select(arrival => arrival.IsReceived));
        Assert.Equal(Instant.Never, _log.NextTimeout);
    }

    [Fact]
    public void Many_packets_are_reported_before_one_is_forgotten()
    {
        var reported = 0;
        for (var i = 0; i < 10_000; i++)
        {
            var now = Start + TimeSpan.FromMicroseconds(10 * i);
            _log.HandlePacket(unchecked((ushort)(65000 + i)), now);
            if (now >= _log.NextTimeout)
                reported += _log.Take().ToArray().Count(arrival => arrival.IsReceived);
        }

        Assert.Equal(10_000, reported + _log.Take().Length);
    }
}
