using MediaNode.Core.Forwarding;
using MediaNode.Core.Rtp;
using MediaNode.Core.SimulationTests.Network;
using MediaNode.Core.Time;

namespace MediaNode.Core.SimulationTests;

/// <summary>Whole conferences over paths that are too narrow, lossy, or both. Audio must come through whatever happens to video.</summary>
public sealed class CongestionTests
{
    /// <summary>Packets of 1000 bytes per frame, 30 frames a second: 2.5 Mbit/s.</summary>
    private const int FramePackets = 10;

    private const double Need = 2500;

    /// <summary>Audio packets a second: one with every frame.</summary>
    private const int AudioPackets = 30;

    private Random _random = new(1);

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 8)];

    public static TheoryData<int> TwentySeeds => [.. Enumerable.Range(1, 20)];

    [Theory]
    [MemberData(nameof(TwentySeeds))]
    public void Video_gives_way_on_a_narrow_path_and_comes_back_within_five_seconds(int seed)
    {
        _random = new(seed);
        using var conference = new Conference(seed);
        var publisher = ForwardingTests.Connect(conference, 1);
        conference.Join(2);
        var subscriber = new MeasuringSubscriber(conference, 2, [1]);
        var link = Limit(conference, subscriber, 5000);

        var start = Play(conference, publisher, 5);
        Assert.InRange(VideoRate(subscriber, start + TimeSpan.FromSeconds(1), conference.Now), Need * 0.9, Need * 1.1);

        link.KilobitsPerSecond = 300;
        var narrow = Play(conference, publisher, 2);
        // Once the queue that built up before anything could be known has drained.
        link.TakeQueuePercentile(0);
        Play(conference, publisher, 10);
        Assert.InRange(link.TakeQueuePercentile(0.95), 0, 100);
        AssertAudio(subscriber, narrow + TimeSpan.FromSeconds(2), conference.Now, seed);

        var steady = Play(conference, publisher, 5);
        Assert.InRange(link.TakeQueuePercentile(0.95), 0, 100);
        AssertAudio(subscriber, steady, conference.Now, seed);

        link.KilobitsPerSecond = 5000;
        var wide = Play(conference, publisher, 7);
        Assert.InRange(link.TakeQueuePercentile(0.95), 0, 100);
        var recovered = VideoRate(subscriber, wide + TimeSpan.FromSeconds(5), conference.Now);
        Assert.True(recovered >= Need * 0.8, $"seed {seed}: {recovered:F0} kbit/s five seconds after the path had become wide");
        AssertAudio(subscriber, wide, conference.Now, seed);
        Assert.True(subscriber.ProbePackets > 0, "nothing was probed for");
    }

    /// <summary>A NAT's change is noticed with the next check, 2.5 s later at most; what was lost meanwhile says nothing about the new path.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Video_goes_on_as_soon_as_the_subscribers_other_path_is_known(bool withRetransmission)
    {
        using var conference = new Conference(seed: 1);
        var publisher = ForwardingTests.Connect(conference, 1);
        conference.Join(2);
        var subscriber = new MeasuringSubscriber(conference, 2, [1], withRetransmission: withRetransmission);
        Play(conference, publisher, 3);

        conference.Move(subscriber.Client);
        Play(conference, publisher, 2.6);
        var back = Play(conference, publisher, 1.5);

        Assert.InRange(VideoRate(subscriber, back + TimeSpan.FromSeconds(0.5), conference.Now), Need * 0.9, Need * 1.2);
        AssertAudio(subscriber, back, conference.Now, 1);
    }

    [Fact]
    public void Probe_ends_with_the_video_that_carries_it()
    {
        using var conference = new Conference(seed: 1);
        var publisher = ForwardingTests.Connect(conference, 1);
        conference.Join(2);
        var subscriber = new MeasuringSubscriber(conference, 2, [1]);
        var link = Limit(conference, subscriber, 300);
        Play(conference, publisher, 8);
        link.KilobitsPerSecond = 5000;
        var before = subscriber.ProbePackets;
        // Some of it is still to be sent when the first packets of it arrive.
        for (var frame = 0; frame < 10 * AudioPackets && subscriber.ProbePackets == before; frame++)
        {
            publisher.SendFrame(FramePackets);
            for (var step = 0; step < 33 && subscriber.ProbePackets == before; step++)
                conference.Run(TimeSpan.FromMilliseconds(1));
        }
        Assert.True(subscriber.ProbePackets > before, "nothing was probed for");

        Conference.Value(conference.Engine.Leave(Conference.RoomId, Conference.Epoch, 1, null, conference.Now));
        conference.Run(TimeSpan.FromMilliseconds(100));

        Assert.True(conference.Engine.NextTimeout > conference.Now, "something is due for ever");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Random_loss_alone_takes_no_video_away(int seed)
    {
        _random = new(seed);
        foreach (var loss in new[] { 0.01, 0.05, 0.1 })
        {
            using var conference = new Conference(seed);
            var publisher = ForwardingTests.Connect(conference, 1);
            conference.Join(2);
            var subscriber = new MeasuringSubscriber(conference, 2, [1]);
            Limit(conference, subscriber, 5000).Loss = loss;

            Play(conference, publisher, 5);
            var start = Play(conference, publisher, 15);

            var rate = VideoRate(subscriber, start, conference.Now);
            Assert.True(rate >= Need * (1 - loss) * 0.9, $"seed {seed}, loss {loss:P0}: {rate:F0} kbit/s");
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Audio_comes_through_a_path_that_loses_a_fifth(int seed)
    {
        _random = new(seed);
        using var conference = new Conference(seed);
        var publisher = ForwardingTests.Connect(conference, 1);
        conference.Join(2);
        var subscriber = new MeasuringSubscriber(conference, 2, [1]);
        Limit(conference, subscriber, 5000).Loss = 0.2;

        var start = Play(conference, publisher, 20);

        var audio = subscriber.Audio.Single().Count(start, conference.Now);
        Assert.InRange(audio, 20 * AudioPackets * 0.74, 20 * AudioPackets * 0.86);
        Assert.True(VideoRate(subscriber, start, conference.Now) >= 300, "video was starved by losses that no rate could change");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Bursts_of_loss_and_jitter_do_not_end_video(int seed)
    {
        _random = new(seed);
        using var conference = new Conference(seed);
        var publisher = ForwardingTests.Connect(conference, 1);
        conference.Join(2);
        var subscriber = new MeasuringSubscriber(conference, 2, [1]);
        var link = Limit(conference, subscriber, 8000);
        link.BurstBegins = 0.002;
        link.Jitter = TimeSpan.FromMilliseconds(30);

        Play(conference, publisher, 5);
        var start = Play(conference, publisher, 20);

        var rate = VideoRate(subscriber, start, conference.Now);
        Assert.True(rate >= Need * 0.6, $"seed {seed}: {rate:F0} kbit/s");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Jitter_of_300_milliseconds_leaves_audio_whole_and_video_alive(int seed)
    {
        _random = new(seed);
        using var conference = new Conference(seed);
        var publisher = ForwardingTests.Connect(conference, 1);
        conference.Join(2);
        var subscriber = new MeasuringSubscriber(conference, 2, [1]);
        Limit(conference, subscriber, 8000).Jitter = TimeSpan.FromMilliseconds(300);

        Play(conference, publisher, 5);
        var start = Play(conference, publisher, 20);

        AssertAudio(subscriber, start, conference.Now, seed);
        var rate = VideoRate(subscriber, start, conference.Now);
        Assert.True(rate >= Need * 0.5, $"seed {seed}: {rate:F0} kbit/s");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void One_slow_subscriber_among_twelve_takes_nothing_from_the_others(int seed)
    {
        _random = new(seed);
        using var conference = new Conference(seed);
        var publisher = ForwardingTests.Connect(conference, 1);
        var subscribers = new List<MeasuringSubscriber>();
        for (ulong user = 2; user <= 13; user++)
        {
            conference.Join(user);
            subscribers.Add(new(conference, user, [1]));
        }
        var link = Limit(conference, subscribers[0], 300);
        Play(conference, publisher, 3);
        link.TakeQueuePercentile(0);
        var requests = conference.Engine.Counters.KeyFrameRequests;

        var start = Play(conference, publisher, 10);

        AssertAudio(subscribers[0], start, conference.Now, seed);
        Assert.InRange(VideoRate(subscribers[0], start, conference.Now), 0, 300);
        foreach (var other in subscribers.Skip(1))
        {
            Assert.InRange(VideoRate(other, start, conference.Now), Need * 0.95, Need * 1.1);
            Assert.Equal(10 * AudioPackets, other.Audio.Single().Count(start, conference.Now), 1.0);
        }
        Assert.InRange(conference.Engine.Counters.KeyFrameRequests - requests, 0, 10);
        Assert.InRange(link.TakeQueuePercentile(0.95), 0, 100);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Two_subscribers_share_a_link_and_neither_is_starved(int seed)
    {
        _random = new(seed);
        using var conference = new Conference(seed);
        var publisher = ForwardingTests.Connect(conference, 1);
        conference.Join(2);
        conference.Join(3);
        var first = new MeasuringSubscriber(conference, 2, [1]);
        var second = new MeasuringSubscriber(conference, 3, [1]);
        var link = Limit(conference, first, 6500);
        conference.Network.Limit(second.Address, link);

        Play(conference, publisher, 5);
        link.TakeQueuePercentile(0);
        var start = Play(conference, publisher, 15);

        AssertAudio(first, start, conference.Now, seed);
        AssertAudio(second, start, conference.Now, seed);
        Assert.True(VideoRate(first, start, conference.Now) >= Need * 0.8, $"seed {seed}: first {VideoRate(first, start, conference.Now):F0} kbit/s");
        Assert.True(VideoRate(second, start, conference.Now) >= Need * 0.8, $"seed {seed}: second {VideoRate(second, start, conference.Now):F0} kbit/s");
        Assert.InRange(link.TakeQueuePercentile(0.95), 0, 100);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Other_traffic_on_the_link_takes_video_first_and_gives_it_back(int seed)
    {
        _random = new(seed);
        using var conference = new Conference(seed);
        var publisher = ForwardingTests.Connect(conference, 1);
        conference.Join(2);
        var subscriber = new MeasuringSubscriber(conference, 2, [1]);
        var link = Limit(conference, subscriber, 4000);
        Play(conference, publisher, 5);

        link.CrossKilobitsPerSecond = 3000;
        Play(conference, publisher, 2);
        var crowded = Play(conference, publisher, 10);
        AssertAudio(subscriber, crowded, conference.Now, seed);

        link.CrossKilobitsPerSecond = 0;
        var free = Play(conference, publisher, 12);
        var rate = VideoRate(subscriber, free + TimeSpan.FromSeconds(8), conference.Now);
        Assert.True(rate >= Need * 0.8, $"seed {seed}: {rate:F0} kbit/s");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Receivers_own_estimate_is_obeyed(bool withRetransmission)
    {
        using var conference = new Conference(seed: 1);
        var publisher = ForwardingTests.Connect(conference, 1);
        conference.Join(2);
        var subscriber = new MeasuringSubscriber(conference, 2, [1], FeedbackKind.ReceiverEstimate, withRetransmission);
        Play(conference, publisher, 3);

        subscriber.Estimate = Bitrate.FromKilobits(400);
        Play(conference, publisher, 2);
        var narrow = Play(conference, publisher, 3);
        Assert.InRange(VideoRate(subscriber, narrow, conference.Now), 0, 10);
        AssertAudio(subscriber, narrow, conference.Now, 1);

        subscriber.Estimate = Bitrate.FromKilobits(5000);
        Play(conference, publisher, 3);
        var wide = Play(conference, publisher, 3);
        Assert.InRange(VideoRate(subscriber, wide, conference.Now), Need * 0.9, Need * 1.1);
    }

    [Fact]
    public void Receiver_reports_alone_take_video_away_and_a_trial_brings_it_back()
    {
        using var conference = new Conference(seed: 1);
        var publisher = ForwardingTests.Connect(conference, 1);
        conference.Join(2);
        var subscriber = new MeasuringSubscriber(conference, 2, [1], FeedbackKind.Reports);
        var link = Limit(conference, subscriber, 600);
        Play(conference, publisher, 4);

        var narrow = Play(conference, publisher, 5);
        AssertAudio(subscriber, narrow, conference.Now, 1);

        link.KilobitsPerSecond = 6000;
        Play(conference, publisher, 40);
        var wide = Play(conference, publisher, 3);
        Assert.InRange(VideoRate(subscriber, wide, conference.Now), Need * 0.9, Need * 1.1);
    }

    [Fact]
    public void Cap_on_a_subscriber_is_kept_and_lifted()
    {
        using var conference = new Conference(seed: 1);
        var publisher = ForwardingTests.Connect(conference, 1);
        conference.Join(2);
        var subscriber = new MeasuringSubscriber(conference, 2, [1]);
        Play(conference, publisher, 3);

        Cap(conference, subscriber, 500_000);
        Play(conference, publisher, 2);
        var capped = Play(conference, publisher, 5);
        Assert.InRange(VideoRate(subscriber, capped, conference.Now), 0, 10);
        AssertAudio(subscriber, capped, conference.Now, 1);

        Cap(conference, subscriber, 0);
        Play(conference, publisher, 5);
        var free = Play(conference, publisher, 3);
        Assert.InRange(VideoRate(subscriber, free, conference.Now), Need * 0.9, Need * 1.1);
    }

    private static SimulatedLink Limit(Conference conference, MeasuringSubscriber subscriber, double kilobits)
    {
        var link = new SimulatedLink { KilobitsPerSecond = kilobits };
        conference.Network.Limit(subscriber.Address, link);
        return link;
    }

    /// <returns>When it began.</returns>
    private Instant Play(Conference conference, SimulatedPublisher publisher, double seconds)
    {
        var start = conference.Now;
        for (var frame = 0; frame < seconds * AudioPackets; frame++)
        {
            publisher.SendFrame(_random.Next(FramePackets - 3, FramePackets + 4));
            conference.Run(TimeSpan.FromSeconds(1) / AudioPackets);
        }
        return start;
    }

    private static double VideoRate(MeasuringSubscriber subscriber, Instant from, Instant to) => subscriber.Video.Sum(stream => stream.Rate(from, to));

    /// <summary>Not one packet of audio is missing.</summary>
    private static void AssertAudio(MeasuringSubscriber subscriber, Instant from, Instant to, int seed)
    {
        foreach (var stream in subscriber.Audio)
        {
            var expected = (to - from).TotalSeconds * AudioPackets;
            var count = stream.Count(from, to);
            Assert.True(Math.Abs(count - expected) <= expected * 0.02 + 10, $"seed {seed}: {count} packets of audio of {expected:F0}");
        }
    }

    private static void Cap(Conference conference, MeasuringSubscriber subscriber, long bitsPerSecond) =>
        Conference.Value(conference.Engine.Configure(
            Conference.RoomId, Conference.Epoch, subscriber.PeerId, new PeerConfiguration([], bitsPerSecond, false), conference.Now));
}
