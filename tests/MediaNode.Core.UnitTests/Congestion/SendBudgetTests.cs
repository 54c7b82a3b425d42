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
    public void Burst_leaves_at_once_and_the_rest_at_the_rate()
    {
        _budget.SetRate(Bitrate.FromKilobits(800), burst: 20_000);
        var bytes = 0;
        for (; _budget.Allows(Now); bytes += 500)
            _budget.Take(500, Now);

        Assert.InRange(bytes, 20_000, 21_000);
        Assert.False(_budget.Allows(_budget.AllowsAt - TimeSpan.FromMilliseconds(1)));
        Assert.True(_budget.Allows(_budget.AllowsAt));
        _budget.Take(1000, _budget.AllowsAt);
        Assert.False(_budget.Allows(Now + TimeSpan.FromMilliseconds(10)));
    }
}
