using AppHost.Local.Supervision;

namespace AppHost.Tests.Supervision;

public sealed class RestartBackoffTests
{
    [Fact]
    public void Pause_doubles_from_crash_to_crash_up_to_the_longest()
    {
        var backoff = new RestartBackoff();
        double[] expected = [0.5, 1, 2, 4, 8, 16, 30, 30];
        Assert.Equal(expected, expected.Select(_ => backoff.Next(TimeSpan.FromSeconds(1)).TotalSeconds));
    }

    [Fact]
    public void Process_that_stayed_up_begins_with_the_shortest_pause_again()
    {
        var backoff = new RestartBackoff();
        for (var crash = 0; crash < 5; crash++)
            backoff.Next(TimeSpan.Zero);
        Assert.Equal(RestartBackoff.Shortest, backoff.Next(RestartBackoff.Recovered));
        Assert.Equal(RestartBackoff.Shortest * 2, backoff.Next(TimeSpan.Zero));
    }
}
