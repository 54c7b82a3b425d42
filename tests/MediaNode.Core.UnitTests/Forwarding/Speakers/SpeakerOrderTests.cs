using MediaNode.Core.Forwarding.Speakers;
using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Forwarding.Speakers;

public sealed class SpeakerOrderTests
{
    private readonly SpeakerOrder _order = new();
    private readonly List<Speaker> _speakers = [.. Enumerable.Range(1, 6).Select(id => new Speaker((ulong)id))];
    private Instant _now = Instant.FromSeconds(100);

    public SpeakerOrderTests() => _speakers.ForEach(_order.Add);

    private ulong[] Order => [.. _order.Speakers.Select(speaker => speaker.ParticipantId)];

    [Fact]
    public void Who_talks_takes_the_place_of_the_longest_silent_and_that_one_is_next_behind()
    {
        (_speakers[0].LastTalkedAt, _speakers[1].LastTalkedAt) = (_now, _now - TimeSpan.FromSeconds(50));
        _speakers[4].IsTalking = true;
        Assert.True(_order.Promote(2, _now));
        Assert.Equal([1, 5, 2, 3, 4, 6], Order);
    }

    [Fact]
    public void Nobody_who_talks_is_displaced()
    {
        _speakers[0].IsTalking = _speakers[1].IsTalking = _speakers[4].IsTalking = true;
        Assert.False(_order.Promote(2, _now));
        Assert.Equal([1, 2, 3, 4, 5, 6], Order);
    }

    [Fact]
    public void Who_has_come_to_the_front_stays_for_a_while()
    {
        Talk(2);
        Assert.True(_order.Promote(1, _now));
        Talk(3);
        _now += SpeakerOrder.LeastStay - TimeSpan.FromMilliseconds(1);
        Assert.False(_order.Promote(1, _now));
        _now += TimeSpan.FromMilliseconds(1);
        Assert.True(_order.Promote(1, _now));
        Assert.Equal(3ul, Order[0]);
    }

    [Fact]
    public void Several_who_begin_at_once_all_find_a_place_while_there_are_silent_ones()
    {
        Talk(4, 5, 6);
        Assert.True(_order.Promote(2, _now));
        Assert.Equal([4, 5], Order[..2]);
        Assert.Equal(6, Order.Distinct().Count());
    }

    [Fact]
    public void More_places_than_people_change_nothing()
    {
        Talk(6);
        Assert.False(_order.Promote(6, _now));
        Assert.False(_order.Promote(10, _now));
    }

    [Fact]
    public void Who_leaves_makes_room_for_the_next()
    {
        _order.Remove(_speakers[0]);
        Assert.Equal(0, _order.RankOf(2));
        Assert.Equal(-1, _order.RankOf(1));
    }

    private void Talk(params ulong[] talking)
    {
        foreach (var speaker in _speakers)
            speaker.IsTalking = talking.Contains(speaker.ParticipantId);
    }
}
