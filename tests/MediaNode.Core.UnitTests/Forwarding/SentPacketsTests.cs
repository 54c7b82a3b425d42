using MediaNode.Core.Forwarding;

namespace MediaNode.Core.UnitTests.Forwarding;

public sealed class SentPacketsTests
{
    private readonly SentPackets _sent = new();

    [Fact]
    public void Number_is_taken_for_the_newest_packet_that_has_it()
    {
        for (ulong outgoing = 65_500; outgoing < 65_600; outgoing++)
            _sent.Add(encoding: 2, outgoing + 1_000_000, new(outgoing, TimestampOffset: 7, default, SentForm.AsReceived), nowMilliseconds: 0);

        Assert.True(_sent.TryTakeForResend(10, newest: 65_599, nowMilliseconds: 0, out var entry, out _));
        Assert.Equal(65_546UL, entry.Outgoing);
        Assert.Equal(1_065_546UL, entry.Incoming);
        Assert.True(_sent.TryTakeForResend(65_510, newest: 65_599, nowMilliseconds: 0, out entry, out _));
        Assert.Equal(65_510UL, entry.Outgoing);
    }

    [Fact]
    public void Packet_that_was_never_sent_or_is_too_old_is_not_found()
    {
        for (ulong outgoing = 1; outgoing <= 2000; outgoing++)
            _sent.Add(0, outgoing, new(outgoing, 0, default, SentForm.AsReceived), nowMilliseconds: 0);

        Assert.False(_sent.TryTakeForResend(2001, newest: 2000, 0, out _, out _));
        Assert.False(_sent.TryTakeForResend(100, newest: 2000, 0, out _, out _));
        Assert.True(_sent.TryTakeForResend(1999, newest: 2000, 0, out _, out _));
    }

    /// <summary>A second of 50, 150 and 500 packets a second, from a number on that is no multiple of anything.</summary>
    [Theory]
    [InlineData(50)]
    [InlineData(150)]
    [InlineData(500)]
    public void Packets_of_the_last_second_are_kept_at_any_rate(int perSecond)
    {
        const ulong first = 4_294_967_000;
        for (var i = 0; i < 10 * perSecond; i++)
            _sent.Add(0, (ulong)i, new(first + (ulong)i, 0, default, SentForm.AsReceived), uint.MaxValue - 5000L + i * 1000L / perSecond);

        var newest = first + 10 * (ulong)perSecond - 1;
        for (var age = 0; age < perSecond; age++)
        {
            Assert.True(_sent.TryTakeForResend((ushort)(newest - (ulong)age), newest, uint.MaxValue + 5000L, out var entry, out _));
            Assert.Equal(10 * perSecond - 1 - age, (int)entry.Incoming);
        }
    }

    [Fact]
    public void Numbers_that_are_still_missing_cost_no_other_packet_its_place()
    {
        // 128 is where an empty entry would go when the ring grows.
        foreach (var outgoing in Enumerable.Range(65, 100).Where(number => number != 70))
            _sent.Add(0, (ulong)outgoing, new((ulong)outgoing, 0, default, SentForm.AsReceived), nowMilliseconds: 0);

        foreach (var outgoing in Enumerable.Range(65, 100))
            Assert.Equal(outgoing != 70, _sent.TryTakeForResend((ushort)outgoing, newest: 164, nowMilliseconds: 0, out _, out _));
    }

    [Fact]
    public void Packet_that_waits_for_its_turn_is_kept_however_long_that_takes()
    {
        _sent.AddWaiting(0, incoming: 7, new(1, 0, default, SentForm.AsReceived), nowMilliseconds: 0);
        for (ulong outgoing = 2; outgoing <= 1500; outgoing++)
            _sent.Add(0, outgoing, new(outgoing, 0, default, SentForm.AsReceived), nowMilliseconds: 10 * (long)outgoing);

        Assert.Equal((1UL, 7UL, true), (_sent.Find(1).Outgoing, _sent.Find(1).Incoming, _sent.Find(1).IsWaiting));
    }

    [Fact]
    public void Storm_of_requests_for_one_packet_is_cut_off()
    {
        _sent.Add(0, 1, new(1, 0, default, SentForm.AsReceived), nowMilliseconds: 0);

        var resends = Enumerable.Range(0, 1000).Count(millisecond => _sent.TryTakeForResend(1, 1, millisecond, out _, out _));

        Assert.Equal(8, resends);
        Assert.False(_sent.TryTakeForResend(1, 1, 100_000, out _, out var tooOften));
        Assert.True(tooOften);
    }
}
