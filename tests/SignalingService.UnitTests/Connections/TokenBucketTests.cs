using SignalingService.Connections;

namespace SignalingService.UnitTests.Connections;

public sealed class TokenBucketTests
{
    [Fact]
    public void Burst_passes_and_the_next_waits_its_turn()
    {
        var bucket = new TokenBucket(perSecond: 10, burst: 2);
        Assert.Equal(TimeSpan.Zero, bucket.Take(TimeSpan.Zero));
        Assert.Equal(TimeSpan.Zero, bucket.Take(TimeSpan.Zero));
        Assert.Equal(TimeSpan.FromMilliseconds(100), bucket.Take(TimeSpan.Zero));
        Assert.Equal(TimeSpan.Zero, bucket.Take(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void What_is_not_there_is_not_taken()
    {
        var bucket = new TokenBucket(perSecond: 1, burst: 1);
        Assert.True(bucket.TryTake(TimeSpan.Zero));
        Assert.False(bucket.TryTake(TimeSpan.FromSeconds(0.5)));
        Assert.True(bucket.TryTake(TimeSpan.FromSeconds(1)));
    }
}
