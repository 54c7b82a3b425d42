using NotificationService.Deliveries;

namespace NotificationService.UnitTests.Deliveries;

public sealed class BackoffTests
{
    [Theory]
    [InlineData(0, 30)]
    [InlineData(1, 60)]
    [InlineData(4, 480)]
    [InlineData(5, 900)]
    [InlineData(int.MaxValue, 900)]
    public void Waits_double_up_to_the_longest(int failures, int seconds)
    {
        Assert.Equal(TimeSpan.FromSeconds(seconds), Backoff.OfMail.After(failures));
    }
}
