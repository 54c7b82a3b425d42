using LoadGenerator.Media;
using MediaNode.Core.Time;

namespace LoadGenerator.UnitTests.Media;

public sealed class GapTrackerTests
{
    private readonly GapTracker _gaps = new();
    private Instant _now = Instant.FromSeconds(1);

    [Fact]
    public void Missing_packets_are_asked_for_at_once_and_again_until_they_come()
    {
        Receive(1, 4);
        Assert.Equal([2, 3], TakeDue());
        Assert.Empty(TakeDue());

        _now += GapTracker.RetryInterval;
        Receive(2);
        Assert.Equal([3], TakeDue());

        Receive(3);
        Assert.Equal(Instant.Never, _gaps.NextTimeout);
    }

    [Fact]
    public void Numbers_are_followed_across_the_wrap()
    {
        Receive(65534, 65535, 1);

        Assert.Equal([0], TakeDue());
    }

    [Fact]
    public void What_never_comes_is_given_up()
    {
        Receive(1, 3);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal([2], TakeDue());
            Assert.False(_gaps.HasGivenUp);
            _now += GapTracker.RetryInterval;
        }

        Assert.Empty(TakeDue());
        Assert.True(_gaps.HasGivenUp);
        Assert.Equal(Instant.Never, _gaps.NextTimeout);
    }

    [Fact]
    public void A_gap_that_is_too_wide_is_given_up_at_once()
    {
        Receive(1, 2 + GapTracker.Capacity + 1);

        Assert.True(_gaps.HasGivenUp);
        Assert.Empty(TakeDue());
    }

    private void Receive(params int[] sequences)
    {
        foreach (var sequence in sequences)
            _gaps.HandlePacket(_gaps.Unwrap((ushort)sequence), _now);
    }

    private ushort[] TakeDue()
    {
        var due = new ushort[GapTracker.Capacity];
        return due[.._gaps.TakeDue(_now, due)];
    }
}
