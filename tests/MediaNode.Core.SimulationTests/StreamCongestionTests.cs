using MediaNode.Core.SimulationTests.Network;
using MediaNode.Core.Time;

namespace MediaNode.Core.SimulationTests;

/// <summary>
/// Congestion control where a subscriber comes by TCP: the path loses nothing, it only becomes late, and each loss of the network makes everything behind it late.
/// </summary>
public sealed class StreamCongestionTests
{
    /// <summary>Of audio, and pictures.</summary>
    private const int PerSecond = 30;

    /// <summary>Kilobits per second of all layers of the highest of three encodings, as <see cref="SimulcastPublisher"/> sends them.</summary>
    private const double Highest = 400;

    /// <summary>Of the lowest encoding's lowest layer, less a little.</summary>
    private const double Lowest = 15;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 8)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Video_falls_to_a_layer_that_fits_and_comes_back(int seed)
    {
        using var call = new StreamCall(seed, kilobits: 3000);
        var full = call.Play(10);
        Assert.True(call.VideoRate(full + TimeSpan.FromSeconds(5)) >= Highest * 0.8, $"seed {seed}: {call.VideoRate(full + TimeSpan.FromSeconds(5)):F0} kbit/s on a wide path");

        call.Path.KilobitsPerSecond = 250;
        var narrow = call.Play(6);
        call.AssertAudio(narrow + TimeSpan.FromSeconds(2));

        call.ForgetDelay();
        var steady = call.Play(10);
        call.AssertAudio(steady);
        Assert.InRange(call.AudioDelay.TotalMilliseconds, 0, 400);
        Assert.InRange(call.VideoRate(steady), Lowest, 250);

        call.Path.KilobitsPerSecond = 3000;
        var wide = call.Play(12);
        call.AssertAudio(wide);
        Assert.True(call.VideoRate(wide + TimeSpan.FromSeconds(8)) >= Highest * 0.8, $"seed {seed}: {call.VideoRate(wide + TimeSpan.FromSeconds(8)):F0} kbit/s when the path was wide again");
        // What had been sent when the path became narrow; the bound of the kernel's buffer was never needed.
        Assert.Equal(0, call.Path.Refused);
        Assert.InRange(call.Path.MostWaiting, 0, call.Path.BufferBytes / 2);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Losses_that_only_delay_do_not_make_video_collapse(int seed)
    {
        using var call = new StreamCall(seed, kilobits: 3000);
        call.Path.Loss = 0.02;
        call.Play(5);

        call.ForgetDelay();
        var start = call.Play(20);

        call.AssertAudio(start);
        Assert.InRange(call.AudioDelay.TotalMilliseconds, 0, 400);
        Assert.True(call.VideoRate(start) >= Lowest * 2, $"seed {seed}: {call.VideoRate(start):F0} kbit/s");
        Assert.Equal(0, call.Path.Refused);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Load_that_competes_takes_video_first_and_gives_it_back(int seed)
    {
        using var call = new StreamCall(seed, kilobits: 2000);
        call.Play(8);

        call.Path.CrossKilobitsPerSecond = 1750;
        call.Play(3);
        call.ForgetDelay();
        var crowded = call.Play(10);
        call.AssertAudio(crowded);
        Assert.InRange(call.AudioDelay.TotalMilliseconds, 0, 500);

        call.Path.CrossKilobitsPerSecond = 0;
        var free = call.Play(12);
        call.AssertAudio(free);
        Assert.True(call.VideoRate(free + TimeSpan.FromSeconds(8)) >= Highest * 0.8, $"seed {seed}: {call.VideoRate(free + TimeSpan.FromSeconds(8)):F0} kbit/s when the load was gone");
        Assert.Equal(0, call.Path.Refused);
    }

    /// <summary>Somebody speaks, somebody else is seen in three encodings, and one subscriber gets both over a connection.</summary>
    private sealed class StreamCall : IDisposable
    {
        private const ulong Speaker = 1;
        private const ulong Watcher = 2;
        private const ulong Seen = 3;

        private readonly Conference _conference;
        private readonly SimulatedPublisher _speaker;
        private readonly SimulcastPublisher _seen;
        private readonly MeasuringSubscriber _subscriber;
        private readonly int _seed;

        public StreamCall(int seed, double kilobits)
        {
            _seed = seed;
            _conference = new(seed);
            _speaker = ForwardingTests.Connect(_conference, Speaker);
            _conference.Join(Seen);
            _seen = new(_conference, Seen, seed);
            _conference.RunUntil(() => _seen.Client.IsConnected, TimeSpan.FromSeconds(20), "the one who is seen connects");
            _conference.Run(TimeSpan.FromMilliseconds(200));
            _conference.Join(Watcher);
            _subscriber = new(_conference, Watcher, [Speaker, Seen]);
            Path = new() { KilobitsPerSecond = kilobits };
            _conference.Network.Limit(_subscriber.Address, Path);
        }

        public SimulatedStream Path { get; }

        /// <summary>Longest since <see cref="ForgetDelay"/>.</summary>
        public TimeSpan AudioDelay => _subscriber.Audio.Max(stream => stream.LongestDelay);

        /// <returns>When it began.</returns>
        public Instant Play(int seconds)
        {
            var start = _conference.Now;
            for (var frame = 0; frame < seconds * PerSecond; frame++)
            {
                _speaker.SendFrame(videoPackets: 0);
                _seen.SendFrame();
                _conference.Run(TimeSpan.FromSeconds(1) / PerSecond);
            }
            return start;
        }

        /// <summary>Kilobits per second since then.</summary>
        public double VideoRate(Instant from) => _subscriber.Video.Sum(stream => stream.Rate(from, _conference.Now));

        public void ForgetDelay() => _subscriber.Audio.ToList().ForEach(stream => stream.ForgetDelay());

        /// <summary>All of it came, but for what is on its way.</summary>
        public void AssertAudio(Instant from)
        {
            var expected = (_conference.Now - from).TotalSeconds * PerSecond;
            var count = _subscriber.Audio.Sum(stream => stream.Count(from, _conference.Now));
            Assert.True(count >= expected * 0.98 - 10, $"seed {_seed}: {count} packets of audio of {expected:F0}");
        }

        public void Dispose() => _conference.Dispose();
    }
}
