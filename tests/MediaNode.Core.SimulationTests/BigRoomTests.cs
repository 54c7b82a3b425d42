using MediaNode.Core.Forwarding;
using MediaNode.Core.SimulationTests.Network;

namespace MediaNode.Core.SimulationTests;

/// <summary>Fifty publishers in a room that forwards the video of four and the audio of three.</summary>
public sealed class BigRoomTests
{
    private const int People = 50;
    private const int VideoStreams = 4;
    private const int AudioStreams = 3;
    private const ulong Viewer = 100;
    private const byte Quiet = 100;
    private const byte Loud = 20;

    private static readonly TimeSpan FrameInterval = TimeSpan.FromMilliseconds(33);

    [Fact]
    public void Fifty_publishers_are_seen_and_heard_a_few_at_a_time_the_recent_speakers_first()
    {
        using var conference = new Conference(seed: 31);
        var publishers = Enumerable.Range(1, People).Select(user => Publish(conference, (ulong)user)).ToList();
        conference.RunUntil(() => publishers.TrueForAll(publisher => publisher.Client.IsConnected), TimeSpan.FromSeconds(10), "all publishers connect");
        Join(conference, Viewer);
        var viewer = SubscribeToAll(conference, Viewer, publishers);
        var first = SubscribeToAll(conference, 1, publishers);

        Run(conference, publishers, [viewer, first], TimeSpan.FromSeconds(1));
        Assert.Equal([1, 2, 3, 4], Seen(conference, publishers, viewer));
        Assert.Equal([2, 3, 4, 5], Seen(conference, publishers, first));
        Assert.Equal(AudioStreams, Heard(conference, publishers, viewer).Count);

        // Three begin to talk: they take three of the four places, and all that is heard.
        var keyFrames = publishers[9].Video.KeyFrames;
        Talk(publishers, 10, 20, 30);
        Run(conference, publishers, [viewer, first], TimeSpan.FromSeconds(3));
        var seen = Seen(conference, publishers, viewer);
        Assert.Equal(VideoStreams, seen.Count);
        Assert.All<ulong>([10, 20, 30], user => Assert.Contains(user, seen));
        Assert.Equal([10, 20, 30], Heard(conference, publishers, viewer));
        Assert.True(publishers[9].Video.KeyFrames > keyFrames, "whoever comes in is asked for a key frame");

        // A cough changes nothing.
        Talk(publishers, 10, 20, 30, 40);
        Run(conference, publishers, [viewer, first], TimeSpan.FromMilliseconds(100));
        Talk(publishers, 10, 20, 30);
        Run(conference, publishers, [viewer, first], TimeSpan.FromSeconds(1));
        Assert.Equal(seen, Seen(conference, publishers, viewer));

        // The last of the silent ones gives way, then the one who has been silent for longest.
        Talk(publishers, 20, 30, 40, 41);
        Run(conference, publishers, [viewer, first], TimeSpan.FromSeconds(5));
        Assert.Equal([20, 30, 40, 41], Seen(conference, publishers, viewer));
        Assert.Contains(conference.Happenings<DominantSpeakerChanged>(), dominant => dominant.ParticipantId is 10 or 20 or 30);

        // Coming and going leaves no gap in anybody's numbers that the viewer would ask for.
        Assert.All(viewer, subscriber =>
        {
            Assert.Equal(subscriber.Video.Span, subscriber.Video.Numbers.Count);
            Assert.Equal(subscriber.Audio.Span, subscriber.Audio.Numbers.Count);
            Assert.Equal(0, subscriber.Client.BadPackets);
        });
        Assert.True(conference.Engine.Drops[DropReason.NotAmongSpeakers] > 0);
    }

    [Fact]
    public void Whoever_tells_no_level_is_always_heard()
    {
        using var conference = new Conference(seed: 32);
        var publishers = Enumerable.Range(1, 8).Select(user => Publish(conference, (ulong)user)).ToList();
        conference.RunUntil(() => publishers.TrueForAll(publisher => publisher.Client.IsConnected), TimeSpan.FromSeconds(10), "all publishers connect");
        Join(conference, Viewer);
        var viewer = SubscribeToAll(conference, Viewer, publishers);
        publishers[7].AudioLevel = null;
        foreach (var publisher in publishers.Take(7))
            publisher.AudioLevel = Loud;

        Run(conference, publishers, [viewer], TimeSpan.FromSeconds(2));
        var heard = Heard(conference, publishers, viewer);
        Assert.Contains(8ul, heard);
        Assert.Equal(AudioStreams + 1, heard.Count);
    }

    private static void Join(Conference conference, ulong user) =>
        conference.Join(user, limits: new(0, 0) { MaximumVideoStreams = VideoStreams, MaximumAudioStreams = AudioStreams });

    private static SimulatedPublisher Publish(Conference conference, ulong user)
    {
        Join(conference, user);
        return new(conference, user) { AudioLevel = Quiet };
    }

    private static List<SimulatedSubscriber> SubscribeToAll(Conference conference, ulong user, List<SimulatedPublisher> publishers)
    {
        var subscribers = publishers.Where(publisher => publisher.User != user).Select(publisher => new SimulatedSubscriber(conference, user, publisher.User)).ToList();
        conference.RunUntil(() => subscribers.TrueForAll(subscriber => subscriber.Client.IsConnected), TimeSpan.FromSeconds(10), $"all of {user} connect");
        return subscribers;
    }

    private static void Talk(List<SimulatedPublisher> publishers, params ulong[] talking)
    {
        foreach (var publisher in publishers)
            publisher.AudioLevel = talking.Contains(publisher.User) ? Loud : Quiet;
    }

    private static void Run(Conference conference, List<SimulatedPublisher> publishers, List<SimulatedSubscriber>[] people, TimeSpan time)
    {
        for (var end = conference.Now + time; conference.Now < end;)
        {
            publishers.ForEach(publisher => publisher.SendFrame(videoPackets: 1));
            conference.Run(FrameInterval);
            foreach (var subscribers in people)
                subscribers.ForEach(subscriber => subscriber.Receive());
        }
    }

    /// <summary>Whose video comes within a quarter of a second.</summary>
    private static List<ulong> Seen(Conference conference, List<SimulatedPublisher> publishers, List<SimulatedSubscriber> person) =>
        Arriving(conference, publishers, person, subscriber => subscriber.Video);

    private static List<ulong> Heard(Conference conference, List<SimulatedPublisher> publishers, List<SimulatedSubscriber> person) =>
        Arriving(conference, publishers, person, subscriber => subscriber.Audio);

    private static List<ulong> Arriving(
        Conference conference, List<SimulatedPublisher> publishers, List<SimulatedSubscriber> person, Func<SimulatedSubscriber, ReceivedStream> stream)
    {
        var before = person.ConvertAll(subscriber => stream(subscriber).Numbers.Count);
        Run(conference, publishers, [person], TimeSpan.FromMilliseconds(250));
        return [.. person.Where((subscriber, index) => stream(subscriber).Numbers.Count > before[index] + 2).Select(subscriber => subscriber.Publisher)];
    }
}
