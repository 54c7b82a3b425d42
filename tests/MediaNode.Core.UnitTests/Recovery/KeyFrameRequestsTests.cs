using MediaNode.Core.Recovery;
using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Recovery;

public sealed class KeyFrameRequestsTests
{
    private readonly KeyFrameRequests _requests = new();

    [Fact]
    public void First_request_goes_at_once()
    {
        Assert.True(_requests.Want(At(0), urgent: false));
        Assert.True(_requests.TakeDue(At(0)));
    }

    [Fact]
    public void Requests_of_a_crowd_become_one_a_second()
    {
        var sent = 0;
        for (var now = 0; now < 3000; now++)
        {
            _requests.Want(At(now), urgent: false);
            if (!_requests.TakeDue(At(now)))
                continue;
            sent++;
            _requests.HandleKeyFrame(At(now));
        }

        Assert.Equal(3, sent);
    }

    [Fact]
    public void Newcomer_is_served_at_once_although_a_key_frame_came_a_moment_ago()
    {
        _requests.Want(At(0), urgent: false);
        _requests.TakeDue(At(0));
        _requests.HandleKeyFrame(At(50));

        _requests.Want(At(60), urgent: true);

        Assert.True(_requests.TakeDue(At(60)));
    }

    [Fact]
    public void Unanswered_request_is_repeated_and_then_left()
    {
        _requests.Want(At(0), urgent: false);
        var sent = Enumerable.Range(0, 60_000).Count(now => _requests.TakeDue(At(now)));

        Assert.Equal(10, sent);
        Assert.Equal(Instant.Never, _requests.NextTimeout);
    }

    private static Instant At(long milliseconds) => Instant.FromMilliseconds(milliseconds);
}
