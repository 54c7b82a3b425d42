using MediaNode.Core.Forwarding;
using MediaNode.Core.SimulationTests.Network;
using MediaNode.Core.Time;

namespace MediaNode.Core.SimulationTests;

/// <summary>Publishers that stop what nobody watches, as they are told, and some things that they stop by themselves.</summary>
public sealed class PausedLayerTests
{
    private const int PerSecond = 30;

    /// <summary>Kilobits per second of the encodings of <see cref="SimulcastPublisher"/>, about: the lower two fit a path of 330, the third does not, all fit one of 3000.</summary>
    private const double Highest = 1000;
    private const double Narrow = 330;
    private const double Wide = 3000;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 8)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Layer_that_nobodys_path_carries_stays_stopped_until_a_path_does(int seed)
    {
        using var call = new Call(seed);
        var (subscriber, link) = call.Watch(2, Narrow);
        call.Play(20);
        var (before, switches) = (call.Orders, call.Switches);
        link.TakeQueuePercentile(0);

        var start = call.Play(60);

        Assert.InRange(call.Orders - before, 0, 2);
        Assert.InRange(call.Switches - switches, 0, 6);
        Assert.InRange(link.TakeQueuePercentile(0.95), 0, 100);
        Assert.True(call.Rate(subscriber, start) > 60, $"seed {seed}: {call.Rate(subscriber, start):F0} kbit/s of video");
        Assert.False(call.Publisher.Encodings[2].IsActive);

        link.KilobitsPerSecond = Wide;
        call.Play(8);
        var wide = call.Play(4);
        Assert.True(call.Rate(subscriber, wide) >= Highest * 0.8, $"seed {seed}: {call.Rate(subscriber, wide):F0} kbit/s on a wide path");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Layer_that_its_publisher_stops_and_starts_by_itself_goes_to_those_whose_path_carries_it(int seed)
    {
        using var call = new Call(seed);
        var (fast, _) = call.Watch(2, Wide);
        var (slow, link) = call.Watch(3, Narrow);
        call.Play(15);

        for (var turn = 0; turn < 3; turn++)
        {
            call.Publisher.IsShort[2] = true;
            call.Play(6);
            link.TakeQueuePercentile(0);
            call.Publisher.IsShort[2] = false;
            call.Play(2);
            Assert.InRange(link.TakeQueuePercentile(0.95), 0, 100);
            var start = call.Play(3);
            Assert.True(call.Rate(fast, start) >= Highest * 0.8, $"seed {seed}: {call.Rate(fast, start):F0} kbit/s to the fast one");
            Assert.InRange(call.Rate(slow, start), 40, Narrow);
        }
    }

    [Fact]
    public void Publisher_hears_that_nobody_watches_at_all_and_at_once_when_somebody_will()
    {
        using var call = new Call(seed: 1);
        call.Play(4);
        Assert.Empty(call.Told);

        call.Play(3);
        var none = Assert.Single(call.Told);
        Assert.Equal((false, (byte)0), (none.IsWatched, none.Substream));
        Assert.All(call.Publisher.Encodings, encoding => Assert.False(encoding.IsActive));

        var (subscriber, _) = call.Watch(2, Wide);
        Assert.True(call.Told[^1] is { IsWatched: true, Substream: 2 });
        var start = call.Play(2);
        Assert.True(call.Rate(subscriber, start) > 100, "the picture has not come back");
    }

    [Fact]
    public void Publisher_of_a_single_encoding_hears_whether_anybody_watches()
    {
        using var conference = new Conference(seed: 1);
        var publisher = ForwardingTests.Connect(conference, 1);
        for (var frame = 0; frame < 7 * PerSecond; frame++)
        {
            publisher.SendFrame();
            conference.Run(TimeSpan.FromSeconds(1) / PerSecond);
        }
        Assert.False(Assert.Single(conference.Happenings<LayersWanted>()).IsWatched);

        ForwardingTests.Watch(conference, 2, publisher);
        Assert.True(conference.Happenings<LayersWanted>().Last().IsWatched);
    }

    /// <summary>What its path carried no part of had everything stopped; when it is wide again, nobody else is there to start it.</summary>
    [Fact]
    public void Video_that_was_stopped_because_no_path_carried_any_comes_back_with_the_path()
    {
        using var call = new Call(seed: 1);
        var (subscriber, link) = call.Watch(2, Wide);
        call.Play(5);
        link.KilobitsPerSecond = 44;
        call.Play(15);
        Assert.False(call.Told[^1].IsWatched);

        link.KilobitsPerSecond = Wide;
        call.Play(10);
        var start = call.Play(3);
        Assert.True(call.Rate(subscriber, start) >= Highest * 0.8, $"{call.Rate(subscriber, start):F0} kbit/s");
    }

    /// <summary>One who is seen in three encodings and obeys, one who is heard, and those who watch both.</summary>
    private sealed class Call : IDisposable
    {
        private const ulong Seen = 1;
        private const ulong Heard = 9;

        private readonly Conference _conference;
        private readonly SimulatedPublisher _heard;

        public Call(int seed)
        {
            _conference = new(seed);
            _heard = ForwardingTests.Connect(_conference, Heard);
            _conference.Join(Seen);
            Publisher = new(_conference, Seen, seed) { ObeysOrders = true, FramePackets = [1, 2, 8] };
            _conference.RunUntil(
                () => Publisher.Client.IsConnected && _conference.Happenings<PublisherReady>().Any(ready => ready.Publisher.Id == Seen), TimeSpan.FromSeconds(20), "the publisher connects");
        }

        public SimulcastPublisher Publisher { get; }

        public IReadOnlyList<LayersWanted> Told => [.. _conference.Happenings<LayersWanted>().Where(wanted => wanted.PeerId == Publisher.PeerId)];

        public int Orders => Told.Count;

        public long Switches => _conference.Engine.Counters.LayerSwitches;

        public (MeasuringSubscriber Subscriber, SimulatedLink Link) Watch(ulong user, double kilobits)
        {
            _conference.Join(user);
            var subscriber = new MeasuringSubscriber(_conference, user, [Heard, Seen]);
            var link = new SimulatedLink { KilobitsPerSecond = kilobits };
            _conference.Network.Limit(subscriber.Address, link);
            return (subscriber, link);
        }

        /// <returns>When it began.</returns>
        public Instant Play(double seconds)
        {
            var start = _conference.Now;
            for (var frame = 0; frame < seconds * PerSecond; frame++)
            {
                _heard.SendFrame(videoPackets: 0);
                Publisher.SendFrame();
                _conference.Run(TimeSpan.FromSeconds(1) / PerSecond);
            }
            return start;
        }

        /// <summary>Kilobits of video per second since then.</summary>
        public double Rate(MeasuringSubscriber subscriber, Instant from) => subscriber.Video.Sum(stream => stream.Rate(from, _conference.Now));

        public void Dispose() => _conference.Dispose();
    }
}
