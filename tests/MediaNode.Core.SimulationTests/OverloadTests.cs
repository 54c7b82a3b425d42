using MediaNode.Core.Forwarding;
using MediaNode.Core.Net;
using MediaNode.Core.Rtcp;
using MediaNode.Core.SimulationTests.Network;

namespace MediaNode.Core.SimulationTests;

/// <summary>A worker for which every packet that it sends takes time, and that has not enough of it.</summary>
public sealed class OverloadTests
{
    private const int FramesPerSecond = 30;
    private const int PacketsPerFrame = 8;

    /// <summary>Datagrams that wait in the socket at most: 4 MiB of packets of a thousand bytes.</summary>
    private const int SocketDatagrams = 4000;

    /// <summary>Packets a second that the worker can send. All together want about 6,500.</summary>
    private const int TooLittle = 3500;
    private const int Plenty = 50_000;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(3);

    [Fact]
    public void Audio_is_complete_small_rooms_lose_nothing_the_large_one_is_cut_and_recovers()
    {
        using var conference = new Conference(seed: 41);
        var large = new SimulatedRoom(conference, "large", publishers: 4, viewers: 5);
        var small = new SimulatedRoom(conference, "small", publishers: 1, viewers: 2);
        var other = new SimulatedRoom(conference, "other", publishers: 1, viewers: 2);
        SimulatedRoom[] rooms = [large, small, other];
        var worker = new SlowWorker(conference) { PacketsPerSecond = TooLittle };

        Run(conference, worker, rooms, seconds: 8);
        Assert.InRange(conference.Engine.VideoKept, 0.2, 0.9);
        Assert.Equal(1, conference.Engine.CutRooms);
        var inLastSecond = large.VideoArrived;
        Run(conference, worker, rooms, seconds: 1);
        Assert.True(large.VideoArrived - inLastSecond > 5 * PacketsPerFrame * FramesPerSecond / 2, "the room that is cut keeps a picture");
        Assert.True(conference.Engine.Drops[DropReason.Overload] > 0);

        worker.PacketsPerSecond = Plenty;
        Run(conference, worker, rooms, seconds: 16);
        Assert.Equal(1, conference.Engine.VideoKept);
        Assert.Equal(0, conference.Engine.CutRooms);
        var before = large.VideoArrived;
        Run(conference, worker, rooms, seconds: 1);
        Assert.InRange(large.VideoArrived - before, 0.95 * 20 * PacketsPerFrame * FramesPerSecond, 1.05 * 20 * PacketsPerFrame * FramesPerSecond);

        worker.Drain();
        Assert.Equal(0, worker.Lost);
        foreach (var room in rooms)
            room.AssertAudioIsComplete();
        small.AssertVideoIsComplete();
        other.AssertVideoIsComplete();
    }

    [Fact]
    public void Of_more_viewers_than_fit_some_get_a_whole_picture()
    {
        using var conference = new Conference(seed: 44);
        var room = new SimulatedRoom(conference, "room", publishers: 1, viewers: 20);
        var worker = new SlowWorker(conference) { PacketsPerSecond = TooLittle };
        Run(conference, worker, [room], seconds: 12);

        var shown = VideoWithin(conference, worker, room, seconds: 2);
        Assert.Equal(1, conference.Engine.CutRooms);
        Assert.InRange(shown.Count(packets => packets >= 1.9 * PacketsPerFrame * FramesPerSecond), 8, 15);
        Assert.Contains(0, shown);

        worker.PacketsPerSecond = Plenty;
        Run(conference, worker, [room], seconds: 16);
        Assert.All(VideoWithin(conference, worker, room, seconds: 2), packets => Assert.InRange(packets, 1.9 * PacketsPerFrame * FramesPerSecond, 2.1 * PacketsPerFrame * FramesPerSecond));
        worker.Drain();
        Assert.Equal(0, worker.Lost);
        room.AssertAudioIsComplete();
    }

    [Fact]
    public void One_long_pause_of_the_process_sheds_nothing()
    {
        using var conference = new Conference(seed: 42);
        var room = new SimulatedRoom(conference, "room", publishers: 2, viewers: 2);
        var worker = new SlowWorker(conference) { PacketsPerSecond = Plenty };
        Run(conference, worker, [room], seconds: 2);

        worker.Freeze(TimeSpan.FromMilliseconds(400));
        Run(conference, worker, [room], seconds: 2);

        worker.Drain();
        Assert.Equal(1, conference.Engine.VideoKept);
        Assert.DoesNotContain(conference.Happenings<PeerClosed>(), _ => true);
        room.AssertAudioIsComplete();
        room.AssertVideoIsComplete();
    }

    [Fact]
    public void Who_is_kept_from_a_picture_causes_no_key_frames()
    {
        using var conference = new Conference(seed: 43);
        var room = new SimulatedRoom(conference, "room", publishers: 4, viewers: 5);
        var worker = new SlowWorker(conference) { PacketsPerSecond = TooLittle };
        Run(conference, worker, [room], seconds: 8);
        bool[] waiting = [.. VideoWithin(conference, worker, room, seconds: 1).Select(packets => packets == 0)];
        Assert.Contains(true, waiting);
        Assert.Contains(false, waiting);

        var before = conference.Engine.Counters.KeyFrameRequests;
        for (var request = 0; request < 50; request++)
        {
            room.RequestKeyFrames(waiting);
            conference.Run(Tick);
        }

        Assert.Equal(before, conference.Engine.Counters.KeyFrameRequests);
    }

    /// <summary>Packets that each subscription gets meanwhile.</summary>
    private static int[] VideoWithin(Conference conference, SlowWorker worker, SimulatedRoom room, int seconds)
    {
        var before = room.VideoOfEach();
        Run(conference, worker, [room], seconds);
        return [.. room.VideoOfEach().Zip(before, (after, first) => after - first)];
    }

    private static void Run(Conference conference, SlowWorker worker, SimulatedRoom[] rooms, int seconds)
    {
        for (var frame = 0; frame < seconds * FramesPerSecond; frame++)
        {
            foreach (var room in rooms)
                room.SendFrame(PacketsPerFrame);
            for (var end = conference.Now + TimeSpan.FromSeconds(1.0 / FramesPerSecond); conference.Now < end;)
            {
                conference.Run(Tick);
                worker.Work(Tick);
            }
            foreach (var room in rooms)
                room.Receive();
        }
    }

    /// <summary>Stands between the publishers' media and the engine, and takes its time.</summary>
    private sealed class SlowWorker
    {
        private const int Batch = 64;

        private readonly Conference _conference;
        private readonly Queue<(TransportAddress From, byte[] Datagram)> _socket = new();
        private double _credit;
        private TimeSpan _frozen;
        private TimeSpan _busy;
        private TimeSpan _window;

        public SlowWorker(Conference conference)
        {
            _conference = conference;
            conference.Network.Filter = (from, to, datagram) =>
            {
                if (to != Conference.ServerAddress || DatagramDemux.Classify(datagram) != PacketKind.Rtp)
                    return true;
                if (_socket.Count < SocketDatagrams)
                    _socket.Enqueue((from, datagram));
                else
                    Lost++;
                return false;
            };
        }

        public int PacketsPerSecond { get; set; }

        public int Lost { get; private set; }

        public void Freeze(TimeSpan time) => _frozen = time;

        public void Work(TimeSpan time)
        {
            _window += time;
            if (_frozen > TimeSpan.Zero)
            {
                _frozen -= time;
                _busy += time;
            }
            else
            {
                _credit += time.TotalSeconds * PacketsPerSecond;
                while (_credit > 0 && _socket.Count > 0)
                    _credit -= HandleBatch();
                var idle = TimeSpan.FromSeconds(Math.Max(0, _credit) / PacketsPerSecond);
                _busy += time - idle;
                // Time that was not needed is gone; what took longer than there was is still to be paid.
                _credit = Math.Min(0, _credit);
            }
            if (_window < MediaEngine.PressureWindow)
                return;
            _conference.Engine.HandlePressure(Math.Clamp(_busy / _window, 0, 1), (double)_socket.Count / SocketDatagrams, _conference.Now);
            (_busy, _window) = (TimeSpan.Zero, TimeSpan.Zero);
        }

        /// <summary>Everything that is left is handled and arrives.</summary>
        public void Drain()
        {
            while (_socket.Count > 0)
                HandleBatch();
            _conference.Run(TimeSpan.FromMilliseconds(100));
        }

        private long HandleBatch()
        {
            var before = _conference.Engine.Counters.PacketsForwarded;
            for (var i = 0; i < Batch && _socket.TryDequeue(out var next); i++)
                _conference.Engine.HandleDatagram(next.From, next.Datagram, _conference.Now);
            _conference.Drain();
            return _conference.Engine.Counters.PacketsForwarded - before;
        }
    }

    private sealed class SimulatedRoom
    {
        private readonly List<SimulatedPublisher> _publishers = [];
        private readonly List<(SimulatedPublisher Publisher, SimulatedSubscriber Subscriber)> _subscribers = [];
        private static ulong s_nextUser = 1;

        public SimulatedRoom(Conference conference, string name, int publishers, int viewers)
        {
            for (var i = 0; i < publishers; i++)
                _publishers.Add(Publish(conference, name));
            conference.RunUntil(() => _publishers.TrueForAll(publisher => publisher.Client.IsConnected), TimeSpan.FromSeconds(10), "the publishers connect");
            for (var i = 0; i < viewers; i++)
            {
                var user = Interlocked.Increment(ref s_nextUser);
                conference.Join(user, room: name);
                _subscribers.AddRange(_publishers.Select(publisher => (publisher, new SimulatedSubscriber(conference, user, publisher.User, name))));
            }
            conference.RunUntil(() => _subscribers.TrueForAll(pair => pair.Subscriber.Client.IsConnected), TimeSpan.FromSeconds(10), "the viewers connect");
            conference.Run(TimeSpan.FromMilliseconds(100));
        }

        public long VideoArrived => _subscribers.Sum(pair => pair.Subscriber.Video.Numbers.Count);

        public int[] VideoOfEach() => [.. _subscribers.Select(pair => pair.Subscriber.Video.Numbers.Count)];

        public void RequestKeyFrames(bool[] which)
        {
            var buffer = new byte[64];
            foreach (var (_, subscriber) in _subscribers.Where((_, index) => which[index]))
            {
                var writer = new RtcpWriter(buffer);
                writer.WritePictureLoss(new(new(9), subscriber.Video.Ssrc));
                subscriber.Client.SendControl(buffer.AsSpan(0, writer.Length));
            }
        }

        public void SendFrame(int packets) => _publishers.ForEach(publisher => publisher.SendFrame(packets));

        public void Receive() => _subscribers.ForEach(pair => pair.Subscriber.Receive());

        public void AssertAudioIsComplete()
        {
            Receive();
            Assert.All(_subscribers, pair => Assert.Equal(pair.Publisher.Audio.PacketsSent, pair.Subscriber.Audio.Numbers.Count));
        }

        public void AssertVideoIsComplete()
        {
            Receive();
            Assert.All(_subscribers, pair => Assert.Equal(pair.Publisher.Video.PacketsSent, pair.Subscriber.Video.Numbers.Count));
        }

        private static SimulatedPublisher Publish(Conference conference, string room)
        {
            var user = Interlocked.Increment(ref s_nextUser);
            conference.Join(user, room: room);
            return new(conference, user, room: room);
        }
    }
}
