using MediaNode.Core.Forwarding.Speakers;
using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Forwarding.Speakers;

public sealed class LoudestVoicesTests
{
    private readonly LoudestVoices _voices = new();
    private readonly List<Speaker> _speakers = [.. Enumerable.Range(1, 5).Select(id => new Speaker((ulong)id) { TellsLevel = true, Level = 100 })];
    private Instant _now = Instant.FromSeconds(100);

    private ulong[] Heard => [.. _speakers.Where(speaker => speaker.IsHeard).Select(speaker => speaker.ParticipantId)];

    [Fact]
    public void The_loudest_are_heard()
    {
        (_speakers[1].Level, _speakers[4].Level) = (30, 40);
        Assert.True(_voices.Choose(_speakers, 2, _now));
        Assert.Equal([2, 5], Heard);
        Assert.False(_voices.Choose(_speakers, 2, _now));
    }

    [Fact]
    public void Without_a_limit_all_are_heard_again()
    {
        _voices.Choose(_speakers, 2, _now);
        Assert.True(_voices.Choose(_speakers, 0, _now));
        Assert.Equal(5, Heard.Length);
    }

    [Fact]
    public void A_little_louder_is_not_enough_and_clearly_louder_is()
    {
        _speakers[0].Level = 40;
        _voices.Choose(_speakers, 1, _now);
        _now += LoudestVoices.LeastStay * 2;
        _speakers[1].Level = 40 - LoudestVoices.Advantage + 0.5;
        Assert.False(_voices.Choose(_speakers, 1, _now));
        _speakers[1].Level = 40 - LoudestVoices.Advantage - 0.5;
        Assert.True(_voices.Choose(_speakers, 1, _now));
        Assert.Equal([2], Heard);
    }

    [Fact]
    public void A_place_that_was_just_taken_is_kept()
    {
        _speakers[0].Level = 40;
        _voices.Choose(_speakers, 1, _now);
        _now += LoudestVoices.LeastStay;
        _speakers[1].Level = 20;
        Assert.True(_voices.Choose(_speakers, 1, _now));
        _speakers[2].Level = 1;
        _now += LoudestVoices.LeastStay / 2;
        Assert.False(_voices.Choose(_speakers, 1, _now));
        _now += LoudestVoices.LeastStay;
        Assert.True(_voices.Choose(_speakers, 1, _now));
        Assert.Equal([3], Heard);
    }

    [Fact]
    public void Who_tells_no_level_is_heard_and_takes_no_place()
    {
        _speakers[3].TellsLevel = false;
        _speakers[1].Level = 30;
        _voices.Choose(_speakers, 1, _now);
        Assert.Equal([2, 4], Heard);
    }
}
