using MediaNode.Core.Forwarding;
using MediaNode.Core.SimulationTests.Network;
using MediaNode.Core.Time;

namespace MediaNode.Core.SimulationTests;

/// <summary>A screen on which nothing moves is one large key frame and nothing to speak of after it. Whoever has a path has to see it, and nobody else has to suffer for that.</summary>
public sealed class LargeKeyFrameTests
{
    /// <summary>Five pictures a second, and a packet of audio every 20 ms.</summary>
    private const int AudioPackets = 50;
    private const int PerPicture = 10;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 6)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Late_viewer_of_a_still_screen_sees_it_within_two_seconds_on_a_decent_path(int seed)
    {
        using var call = new Call(seed);
        call.Play(5);

        var start = call.Now;
        var viewer = call.Watch(2, kilobits: 3000);
        call.Play(3);

        Assert.InRange(FirstPicture(viewer) - start, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        call.AssertAudio(viewer, start + TimeSpan.FromSeconds(1), most: 150);
    }

    /// <summary>150 kB are four seconds of the path. What is there must not be thrown away and asked for again and again.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Viewer_on_a_narrow_path_sees_the_screen_too_and_asks_for_it_once(int seed)
    {
        using var call = new Call(seed);
        var fast = call.Watch(2, kilobits: 5000);
        call.Play(5);
        var requests = call.Screen.Requests;

        var start = call.Now;
        var slow = call.Watch(3, kilobits: 300);
        call.Play(20);

        Assert.InRange(FirstPicture(slow) - start, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(9));
        Assert.InRange(call.Screen.Requests - requests, 1, 3);
        // It goes on: what changes on the screen is seen at once.
        Assert.InRange((call.Now - LastPicture(slow)).TotalMilliseconds, 0, 1000);
        call.AssertAudio(slow, start + TimeSpan.FromSeconds(2), most: 250);
        call.AssertAudio(fast, start, most: 100);
        Assert.InRange((call.Now - LastPicture(fast)).TotalMilliseconds, 0, 500);
    }

    /// <summary>Others who come ask for key frames, and each goes to everybody.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Viewer_on_a_narrow_path_sees_the_screen_while_others_have_it_repeated(int seed)
    {
        using var call = new Call(seed);
        var start = call.Now;
        var slow = call.Watch(2, kilobits: 300);
        for (ulong user = 3; user < 18; user++)
        {
            call.Watch(user, kilobits: 5000);
            call.Play(1);
        }
        call.Play(18);

        Assert.InRange(FirstPicture(slow) - start, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(12));
        call.AssertAudio(slow, start + TimeSpan.FromSeconds(2), most: 300);
        Assert.InRange((call.Now - LastPicture(slow)).TotalMilliseconds, 0, 1000);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Viewer_whose_path_carries_no_picture_asks_for_key_frames_ever_more_seldom(int seed)
    {
        using var call = new Call(seed);
        var fast = call.Watch(2, kilobits: 5000);
        call.Play(3);
        var slow = call.Watch(3, kilobits: 70);
        call.Play(20);
        var requests = call.Screen.Requests;

        var start = call.Play(60);

        Assert.InRange(call.Screen.Requests - requests, 0, 4);
        call.AssertAudio(slow, start, most: 400);
        call.AssertAudio(fast, start, most: 100);
    }

    /// <summary>A key frame is no reason to let another video stand still.</summary>
    [Fact]
    public void Camera_goes_on_while_the_screens_key_frame_is_on_its_way()
    {
        using var call = new Call(seed: 1);
        var camera = call.AddCamera();
        var slow = call.Watch(2, kilobits: 500, camera.User);
        call.Play(15);
        var before = call.Now;
        call.Watch(3, kilobits: 5000);
        call.Play(10);

        var shown = slow.Video.Select(stream => stream.Decoder!.Shown).MaxBy(pictures => pictures.Count)!.Where(picture => picture.At >= before).ToList();
        var longest = shown.Zip(shown.Skip(1)).Max(pair => (pair.Second.At - pair.First.At).TotalMilliseconds);
        Assert.InRange(longest, 0, 700);
    }

    private static Instant FirstPicture(MeasuringSubscriber viewer) => viewer.Video.SelectMany(stream => stream.Decoder!.Shown).Select(picture => picture.At).DefaultIfEmpty(Instant.Never).Min();

    private static Instant LastPicture(MeasuringSubscriber viewer) => viewer.Video.SelectMany(stream => stream.Decoder!.Shown).Select(picture => picture.At).DefaultIfEmpty(new(0)).Max();

    /// <summary>One who talks, one who shows a screen.</summary>
    private sealed class Call : IDisposable
    {
        private const ulong Talks = 100;
        private const ulong Shows = 101;
        private const ulong Camera = 102;

        private readonly int _seed;
        private readonly Conference _conference;
        private readonly SimulatedPublisher _talks;
        private readonly Dictionary<MeasuringSubscriber, SimulatedLink> _links = [];
        private SimulcastPublisher? _camera;
        private int _steps;

        public Call(int seed)
        {
            _seed = seed;
            _conference = new(seed);
            _talks = ForwardingTests.Connect(_conference, Talks);
            _conference.Join(Shows);
            Screen = new(_conference, Shows);
            RunUntilReady(Shows, Screen.Client);
        }

        public ScreenPublisher Screen { get; }

        public Instant Now => _conference.Now;

        public SimulcastPublisher AddCamera()
        {
            _conference.Join(Camera);
            _camera = new(_conference, Camera, _seed);
            RunUntilReady(Camera, _camera.Client);
            return _camera;
        }

        public MeasuringSubscriber Watch(ulong user, double kilobits, params ulong[] also)
        {
            _conference.Join(user);
            var link = new SimulatedLink { KilobitsPerSecond = kilobits };
            var viewer = new MeasuringSubscriber(_conference, user, [Talks, Shows, .. also], link: link, decodes: true);
            _links.Add(viewer, link);
            return viewer;
        }

        /// <returns>When it began.</returns>
        public Instant Play(double seconds)
        {
            var start = _conference.Now;
            for (var step = 0; step < seconds * AudioPackets; step++, _steps++)
            {
                _talks.SendFrame(videoPackets: 0);
                if (_steps % PerPicture == 0)
                    Screen.SendFrame();
                if (_steps % 2 == 0)
                    _camera?.SendFrame();
                _conference.Run(TimeSpan.FromSeconds(1) / AudioPackets);
            }
            return start;
        }

        /// <summary>All of it came, but for what is on its way, and none of it late.</summary>
        /// <param name="viewer">Whose.</param>
        /// <param name="from">Since when.</param>
        /// <param name="most">Milliseconds that 95 of 100 packets waited in the link's queue at most.</param>
        public void AssertAudio(MeasuringSubscriber viewer, Instant from, double most)
        {
            var expected = (_conference.Now - from).TotalSeconds * AudioPackets;
            var count = viewer.Audio.Sum(stream => stream.Count(from, _conference.Now));
            Assert.True(count >= expected * 0.98 - 20, $"seed {_seed}: {count} packets of audio of {expected:F0}");
            var delay = viewer.Audio.Single().DelayPercentile(0.95, from);
            Assert.True(delay <= most, $"seed {_seed}: audio {delay:F0} ms late");
        }

        public void Dispose() => _conference.Dispose();

        private void RunUntilReady(ulong user, RtcClient client) => _conference.RunUntil(
            () => client.IsConnected && _conference.Happenings<PublisherReady>().Any(ready => ready.Publisher.Id == user), TimeSpan.FromSeconds(20), $"publisher {user} is announced");
    }
}
