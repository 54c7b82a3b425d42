using MediaNode.Core.Forwarding;
using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Forwarding;

public sealed class RestartDelayTests
{
    private RestartDelay _delay;

    [Fact]
    public void First_failure_costs_nothing_and_each_that_follows_costs_twice_as_much()
    {
        var now = Instant.FromSeconds(100);
        Assert.True(_delay.Allows(now));
        foreach (var seconds in (int[])[0, 1, 2, 4, 8, 16, 32, 32])
        {
            _delay.HandleFailure(now);
            Assert.True(seconds == 0 || !_delay.Allows(now + TimeSpan.FromSeconds(seconds - 0.1)), $"{seconds} s");
            now += TimeSpan.FromSeconds(seconds);
            Assert.True(_delay.Allows(now));
        }
    }

    [Fact]
    public void Twenty_good_seconds_are_a_new_beginning()
    {
        var now = Instant.FromSeconds(100);
        for (var i = 0; i < 5; i++)
            _delay.HandleFailure(now);

        now += TimeSpan.FromSeconds(8 + 21);
        _delay.HandleFailure(now);

        Assert.True(_delay.Allows(now));
    }
}
