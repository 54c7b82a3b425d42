using MediaNode.Core.Forwarding.Overload;

namespace MediaNode.Core.UnitTests.Forwarding.Overload;

public sealed class FairSharesTests
{
    [Theory]
    [InlineData(new double[] { 10, 10, 10 }, 15, 5)]
    [InlineData(new double[] { 2, 10, 10 }, 12, 5)]
    [InlineData(new double[] { 1, 3, 100 }, 20, 16)]
    [InlineData(new double[] { 0, 0, 9 }, 6, 6)]
    [InlineData(new double[] { 5, 5 }, 0, 0)]
    public void Who_wants_little_gets_it_and_the_rest_is_shared_evenly(double[] demands, double available, double level) =>
        Assert.Equal(level, FairShares.Level(demands, available), 9);

    [Theory]
    [InlineData(new double[] { 1, 2, 3 }, 6)]
    [InlineData(new double[] { }, 6)]
    public void Enough_for_all_limits_nobody(double[] demands, double available) =>
        Assert.True(FairShares.Level(demands, available) >= demands.DefaultIfEmpty().Max());

    [Fact]
    public void Shares_of_random_demands_never_exceed_what_there_is()
    {
        var random = new Random(7);
        for (var round = 0; round < 1000; round++)
        {
            var demands = Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.NextDouble() * 1000).ToArray();
            var available = random.NextDouble() * demands.Sum();
            var level = FairShares.Level(demands, available);
            var used = demands.Sum(demand => Math.Min(demand, level));
            Assert.Equal(Math.Min(available, demands.Sum()), used, 3);
        }
    }
}
