using LoadGenerator.Measuring;
using LoadGenerator.Media;
using LoadGenerator.Peers;
using LoadGenerator.Signalling;

namespace LoadGenerator;

/// <summary>One run from the first join to the figures: join, warm up, measure, drain.</summary>
internal sealed class LoadRun(RunOptions options, TextWriter progress) : IAsyncDisposable
{
    /// <summary>Packets per second and stream are far below; bounds the bitmaps that packets are ticked off in.</summary>
    private const int MostPacketsPerSecond = 5000;

    /// <summary>What was missed meanwhile is sent and has arrived.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(100);

    private readonly PeerContext _context = new(options);
    private readonly PublisherDirectory _publishers = new();
    private readonly List<Participant> _participants = [];
    private ISignalling? _signalling;

    public async Task<RunResult> RunAsync()
    {
        var server = new ServerProcesses(options.ServerProcesses);
        var memoryBefore = server.MemoryBytes();
        _signalling = await SignallingChoice.ConnectAsync(options);
        await _signalling.PrepareAsync(options.Rooms, options.Rooms * options.ParticipantsPerRoom);
        await JoinAllAsync();
        await progress.WriteLineAsync($"warming up for {options.WarmUp.TotalSeconds} s");
        await Task.Delay(options.WarmUp);
        var before = await BeginAsync(server);
        await progress.WriteLineAsync($"measuring for {options.Duration.TotalSeconds} s");
        await Task.Delay(options.Duration);
        var after = await EndAsync(server);
        await Task.Delay(options.Drain);
        return await _context.Loop.RunAsync(_ => ResultOf(before, after, memoryBefore, server.IsKnown));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var participant in _participants)
            await participant.DisposeAsync();
        if (_signalling is not null)
            await _signalling.DisposeAsync();
        _context.Dispose();
    }

    private IEnumerable<ReceivedStream> Streams => _participants.SelectMany(participant => participant.Subscribers).SelectMany(subscriber => subscriber.Streams);

    private int StreamsWanted => options.Subscriptions * (options.AudioOnly ? 1 : 2);

    /// <summary>Begins joins at an even rate, room by room in turn, and waits until everybody gets media of everybody.</summary>
    private async Task JoinAllAsync()
    {
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds(1 / options.JoinRate));
        var joining = new List<Task>();
        for (var number = 0; number < options.PublishersPerRoom; number++)
        {
            for (var room = 0; room < options.Rooms; room++)
            {
                joining.Add(Add(room).JoinAsync());
                ThrowIfFailed(joining);
                await pace.WaitForNextTickAsync();
            }
        }
        await Task.WhenAll(joining);
        if (options.Viewers > 0)
            await WatchAllAsync(pace);
        await AllReceiveAsync();
    }

    private async Task WatchAllAsync(PeriodicTimer pace)
    {
        var publishers = _participants.ToList();
        await UntilAsync(() => publishers.TrueForAll(participant => participant.Publisher!.IsConnected), () => "publishers connect");
        var joining = new List<Task>();
        for (var number = 0; number < options.Viewers; number++)
        {
            for (var room = 0; room < options.Rooms; room++)
            {
                joining.Add(Add(room).WatchAsync(publishers[room].PublisherId));
                ThrowIfFailed(joining);
                await pace.WaitForNextTickAsync();
            }
        }
        await Task.WhenAll(joining);
    }

    private Participant Add(int room)
    {
        var participant = new Participant(_context, _signalling!, _publishers, room, _participants.Count);
        _participants.Add(participant);
        return participant;
    }

    private static void ThrowIfFailed(List<Task> tasks)
    {
        if (tasks.Find(task => task.IsFaulted) is { } failed)
            throw failed.Exception!.GetBaseException();
    }

    /// <summary>Overload shows as subscriptions that never start: the run goes on without them and tells how many.</summary>
    private async Task AllReceiveAsync()
    {
        var receiving = 0;
        await UntilAsync(
            () => (receiving = Streams.Count(stream => stream.HasPacket && (!stream.Source.IsVideo || stream.HasKeyFrame))) >= StreamsWanted,
            () => $"{_participants.Count} participants, {receiving} of {StreamsWanted} streams are received");
    }

    private async Task UntilAsync(Func<bool> condition, Func<string> state)
    {
        var limit = Loop.Clock.Now + options.JoinPatience;
        for (var turn = 1; !await _context.Loop.RunAsync(_ => condition()); turn++)
        {
            if (_participants.Find(participant => participant.Failed.IsCompleted) is { } broken)
                throw new InvalidOperationException(await broken.Failed);
            if (Loop.Clock.Now > limit)
            {
                await progress.WriteLineAsync($"not all joined in time: {state()}");
                return;
            }
            if (turn % 10 == 0)
                await progress.WriteLineAsync(state());
            await Task.Delay(ProgressInterval);
        }
        await progress.WriteLineAsync(state());
    }

    /// <summary>
    /// What takes time is done before the measurement: while the loop stands still, publishers miss their turns, and what they have missed they send in one burst afterwards.
    /// </summary>
    private async Task<Moment> BeginAsync(ServerProcesses server)
    {
        var seconds = options.Duration + options.Drain + TimeSpan.FromSeconds(10);
        // Bytes of the largest frames at the fastest rate bound the packets of a stream.
        var capacity = (long)(seconds.TotalSeconds * MostPacketsPerSecond);
        await _context.Loop.RunAsync(_ =>
        {
            foreach (var stream in Streams)
                stream.CheckOff.Reserve(capacity);
            // The first one takes longest.
            return Take(server);
        });
        var kernel = KernelFigures.Read(server);
        await Task.Delay(Settling);
        var counters = await _context.Loop.RunAsync(_ =>
        {
            foreach (var stream in Streams)
                stream.CheckOff.Begin(stream.Source.NextNumber);
            _context.Latency.Clear();
            _context.Loop.Lateness.Clear();
            return Take(server);
        });
        return new(counters, kernel);
    }

    private async Task<Moment> EndAsync(ServerProcesses server)
    {
        var counters = await _context.Loop.RunAsync(_ =>
        {
            foreach (var stream in Streams)
                stream.CheckOff.End(stream.Source.NextNumber);
            return Take(server);
        });
        return new(counters, KernelFigures.Read(server));
    }

    private Snapshot Take(ServerProcesses server) => Snapshot.Take(_context.Tally, server, _context.Sending.Refused);

    private RunResult ResultOf(Moment before, Moment after, long memoryBefore, bool knowsServer)
    {
        var seconds = (after.Counters.At - before.Counters.At).TotalSeconds;
        var sums = after.Counters.Tally.Since(before.Counters.Tally);
        var streams = Streams.ToList();
        return new()
        {
            Load = Load(streams, seconds),
            Delivery = Delivery(streams, sums, seconds),
            Latency = DurationFigures.Of(_context.Latency),
            JoinSteps = new(
                JoinTimes(participant => participant.TimeToEnter).P50,
                JoinTimes(participant => participant.TimeTo(subscriber => subscriber.OfferedAt)).P50,
                JoinTimes(participant => participant.TimeTo(subscriber => subscriber.SecuredAt)).P50),
            JoinToFirstPacket = JoinTimes(participant => participant.TimeTo(subscriber => subscriber.FirstPacketAt)),
            JoinToFirstKeyFrame = JoinTimes(participant => participant.TimeTo(subscriber => subscriber.FirstKeyFrameAt)),
            Feedback = new(
                sums.NacksSent, sums.NackedPackets, sums.KeyFrameRequestsSent, sums.TransportFeedbackSent,
                sums.NacksReceived, sums.Resent, sums.KeyFrameRequestsReceived, sums.KeyFramesSent),
            Server = knowsServer ? Server(before, after, memoryBefore, sums, seconds) : null,
            Generator = Generator(before, after, seconds),
        };
    }

    private LoadFigures Load(List<ReceivedStream> streams, double seconds) => new(
        options.Rooms,
        _participants.Count,
        _participants.Count(participant => participant.Publisher is not null),
        options.Subscriptions,
        streams.Count(StandsForSubscription),
        streams.Count(stream => StandsForSubscription(stream) && stream.CheckOff.Received > 0),
        $"{_participants.SelectMany(participant => participant.Subscribers).FirstOrDefault()?.Profile}",
        seconds);

    private bool StandsForSubscription(ReceivedStream stream) => stream.Source.IsVideo == !options.AudioOnly;

    private DeliveryFigures Delivery(List<ReceivedStream> streams, Tally sums, double seconds)
    {
        var expected = streams.Sum(stream => stream.CheckOff.Expected(stream.Source.NextNumber));
        var delivered = streams.Sum(stream => stream.CheckOff.Received);
        return new(
            expected,
            delivered,
            expected == 0 ? 100 : 100.0 * (expected - delivered) / expected,
            streams.Sum(stream => stream.CheckOff.Duplicates) + sums.Replayed,
            sums.Unknown,
            sums.Unauthentic,
            sums.Retransmissions,
            sums.Padding,
            sums.Renumberings,
            sums.LossesSimulated,
            sums.PacketsSent / seconds,
            sums.PacketsReceived / seconds,
            sums.BytesReceived * 8 / seconds / 1e6);
    }

    /// <summary>Of those who found somebody publishing.</summary>
    private DurationFigures JoinTimes(Func<Participant, TimeSpan?> timeTo)
    {
        var histogram = new LatencyHistogram();
        foreach (var participant in _participants)
        {
            if (participant.FoundPublishers && timeTo(participant) is { } time)
                histogram.Record(time);
        }
        return DurationFigures.Of(histogram);
    }

    private ServerFigures Server(Moment before, Moment after, long memoryBefore, Tally sums, double seconds)
    {
        var time = after.Counters.Server - before.Counters.Server;
        var ports = Peers.Select(peer => peer.Remote?.Port ?? 0);
        return new(
            100 * time.TotalSeconds / seconds,
            time.TotalMicroseconds / Math.Max(1, sums.PacketsReceived),
            after.Kernel.ServerMemoryBytes,
            (double)(after.Kernel.ServerMemoryBytes - memoryBefore) / _participants.Count,
            after.Kernel.Drops.Since(before.Kernel.Drops, ports));
    }

    private GeneratorFigures Generator(Moment before, Moment after, double seconds)
    {
        var processor = 100 * (after.Counters.Generator - before.Counters.Generator).TotalSeconds / seconds;
        var lateness = DurationFigures.Of(_context.Loop.Lateness);
        var drops = after.Kernel.Drops.Since(before.Kernel.Drops, Peers.Select(peer => peer.Port.LocalEndPoint.Port));
        var refused = after.Counters.SendsRefused - before.Counters.SendsRefused;
        return new(
            processor, lateness.P99, lateness.Maximum, drops, refused, (after.Counters.AllocatedBefore - before.Counters.AllocatedAfter) / seconds,
            GeneratorHealth.Judge(processor, lateness.P99, drops, refused));
    }

    private IEnumerable<LoadPeer> Peers => _participants.SelectMany(participant => participant.Subscribers).Cast<LoadPeer>()
        .Concat(_participants.Select(participant => participant.Publisher).OfType<LoadPeer>());
}
