using MediaNode.Core.Recovery;
using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Recovery;

public sealed class KeyFrameRequestsTests
{
    private readonly KeyFrameRequests _requests = new();

    [Fact]
    public void First_request_goes_at_once()
    {
        Assert.True(_requests.Want(At(0), KeyFrameUrgency.Routine));
        Assert.True(_requests.TakeDue(At(0)));
    }

    [Fact]
    public void Requests_of_a_crowd_become_one_a_second()
    {
        var sent = 0;
        for (var now = 0; now < 3000; now++)
        {
            _requests.Want(At(now), KeyFrameUrgency.Routine);
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
        _requests.Want(At(0), KeyFrameUrgency.Routine);
        _requests.TakeDue(At(0));
        _requests.HandleKeyFrame(At(50));

        Assert.True(_requests.Want(At(110), KeyFrameUrgency.Newcomer));

        Assert.True(_requests.TakeDue(At(110)));
    }

    /// <summary>Who pauses and goes on, or changes layers, again and again, as fast as the publisher answers.</summary>
    [Fact]
    public void Urgent_requests_without_end_become_one_a_second()
    {
        var sent = Play(0, 60_000, KeyFrameUrgency.Returning, isSending: true, answersAfter: 40);

        Assert.InRange(sent, 60, 66);
    }

    [Fact]
    public void Newcomers_without_end_bring_about_four_a_second()
    {
        var sent = Play(0, 60_000, KeyFrameUrgency.Newcomer, isSending: true, answersAfter: 40);

        Assert.InRange(sent, 240, 246);
    }

    [Fact]
    public void Meeting_that_fills_with_four_a_second_lets_nobody_wait()
    {
        for (var now = 0; now < 10_000; now += 260)
        {
            Assert.True(_requests.Want(At(now), KeyFrameUrgency.Newcomer), $"waits at {now} ms");
            Assert.True(_requests.TakeDue(At(now)));
            _requests.HandleKeyFrame(At(now + 40));
        }
    }

    [Fact]
    public void Change_of_layers_that_the_node_decides_does_not_wait_for_a_second()
    {
        Play(0, 20_000, KeyFrameUrgency.Returning, isSending: true, answersAfter: 40);

        Assert.InRange(Play(20_000, 30_000, KeyFrameUrgency.Switch, isSending: true, answersAfter: 40), 32, 34);
    }

    [Fact]
    public void Last_of_a_burst_of_those_who_come_back_waits_a_second_at_most()
    {
        Play(0, 3000, KeyFrameUrgency.Returning, isSending: true, answersAfter: 40);
        _requests.HandleKeyFrame(At(3000));

        _requests.Want(At(3001), KeyFrameUrgency.Returning);

        Assert.True(_requests.NextTimeout <= At(4001), $"{_requests.NextTimeout.Milliseconds}");
    }

    [Fact]
    public void Unanswered_request_is_repeated_until_once_a_second_and_then_left()
    {
        _requests.Want(At(0), KeyFrameUrgency.Routine);
        var sent = Enumerable.Range(0, 120_000).Where(now => _requests.TakeDue(At(now))).ToList();

        Assert.Equal(10, sent.Count);
        Assert.Equal([0, 300, 900, 1900, 2900, 3900], sent[..6]);
        Assert.Equal(Instant.Never, _requests.NextTimeout);
    }

    [Fact]
    public void Asking_again_does_not_make_an_unanswered_request_more_frequent_than_once_a_second()
    {
        Assert.InRange(Play(0, 60_000, KeyFrameUrgency.Newcomer, isSending: true, answersAfter: int.MaxValue), 60, 62);
    }

    [Fact]
    public void Publisher_of_whom_nothing_comes_is_asked_every_ten_seconds_at_most_and_at_once_when_something_does()
    {
        Assert.InRange(Play(0, 60_000, KeyFrameUrgency.Newcomer, isSending: false, answersAfter: int.MaxValue), 6, 7);

        _requests.HandleResumed(At(60_001));

        Assert.True(_requests.TakeDue(At(60_001)));
    }

    [Fact]
    public void Longer_way_to_the_publisher_makes_the_wait_for_an_answer_longer()
    {
        _requests.RoundTripTime = TimeSpan.FromMilliseconds(500);
        _requests.Want(At(0), KeyFrameUrgency.Newcomer);
        Assert.True(_requests.TakeDue(At(0)));

        Assert.Equal(At(700), _requests.NextTimeout);
    }

    /// <summary>Somebody wants one every millisecond.</summary>
    /// <returns>Requests that went out.</returns>
    private int Play(int from, int to, KeyFrameUrgency urgency, bool isSending, int answersAfter)
    {
        var sent = 0;
        var answerAt = int.MaxValue;
        for (var now = from; now < to; now++)
        {
            if (now >= answerAt)
            {
                _requests.HandleKeyFrame(At(now));
                answerAt = int.MaxValue;
            }
            _requests.Want(At(now), urgency, isSending);
            if (!_requests.TakeDue(At(now), isSending))
                continue;
            sent++;
            answerAt = answersAfter == int.MaxValue ? int.MaxValue : now + answersAfter;
        }
        return sent;
    }

    private static Instant At(long milliseconds) => Instant.FromMilliseconds(milliseconds);
}
