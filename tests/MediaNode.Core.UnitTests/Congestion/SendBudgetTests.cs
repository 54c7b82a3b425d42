using MediaNode.Core.Congestion;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Congestion;

public sealed class SendBudgetTests
{
    private static readonly Instant Now = Instant.FromSeconds(1);

    private SendBudget _budget;

    [Fact]
    public void Nothing_is_held_back_before_a_rate_is_known()
    {
        for (var i = 0; i < 10_000; i++)
            _budget.Take(1200, Now);

        Assert.True(_budget.Allows(Now));
    }

    [Fact]
    public void Forty_milliseconds_at_two_and_a_half_times_the_estimate_leave_at_once()
    {
        _budget.SetRate(Bitrate.FromKilobits(1000));
        var bytes = 0;
        for (; _budget.Allows(Now); bytes += 500)
            _budget.Take(500, Now);

        Assert.InRange(bytes, 12_500, 13_500);
        Assert.False(_budget.Allows(_budget.AllowsAt - TimeSpan.FromMilliseconds(1)));
        Assert.True(_budget.Allows(_budget.AllowsAt));
    }
}
