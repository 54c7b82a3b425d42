using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Time;

public sealed class InstantTests
{
    [Fact]
    public void Never_stays_never_when_time_is_added()
    {
        Assert.Equal(Instant.Never, Instant.Never + TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Difference_of_two_instants_is_the_span_between_them()
    {
        var start = Instant.FromMilliseconds(250);

        Assert.Equal(TimeSpan.FromMilliseconds(1500), start + TimeSpan.FromMilliseconds(1500) - start);
    }
}
