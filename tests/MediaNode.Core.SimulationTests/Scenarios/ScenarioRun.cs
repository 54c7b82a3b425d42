using MediaNode.Core.Forwarding;
using MediaNode.Core.Rtp;
using MediaNode.Core.SimulationTests.Network;
using MediaNode.Core.Time;

namespace MediaNode.Core.SimulationTests.Scenarios;

/// <summary>Plays a scenario, and checks what must hold at every step, when everything has calmed down, and after everybody has left.</summary>
internal sealed class ScenarioRun : IDisposable
{
    /// <summary>Things that may happen at one moment: more are an engine that sets its clock to now over and over.</summary>
    private const int MaximumStepsPerMoment = 5000;

    /// <summary>Longest pause of audio in the calm at the end: the interval of 33 ms, 300 ms of jitter, and bursts of loss.</summary>
    private static readonly TimeSpan AudioPause = TimeSpan.FromMilliseconds(800);

    /// <summary>Longest pause of video there: a key frame that was lost, asked for again and lost again.</summary>
    private static readonly TimeSpan VideoPause = TimeSpan.FromSeconds(3);

    /// <summary>A handshake over a path that loses a fifth each way: eight attempts at a flight, and time for the next ones.</summary>
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(6);

    /// <summary>By then a packet has been asked for often enough to come.</summary>
    private static readonly TimeSpan RetransmissionPatience = TimeSpan.FromSeconds(1);

    /// <summary>An empty room is kept for ten seconds.</summary>
    private static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(12);

    private static readonly string[] UnplannedEnds = ["internal-error", "dtls-error", "dtls-alert", "dtls-timeout", "ice-timeout", "fingerprint", "weak-certificate"];

    /// <summary>What honest clients never cause, whatever the network does.</summary>
    private static readonly DropReason[] ImpossibleDrops =
    [
        DropReason.UnknownDatagram, DropReason.StunMalformed, DropReason.StunIntegrity, DropReason.SrtpAuthentication, DropReason.SrtpTooShort, DropReason.SrtpBadHeader, DropReason.SrtpNotEncrypted, DropReason.SrtpTooManySources,
        DropReason.RtpMalformed, DropReason.RtpUnknownPayloadType, DropReason.RtpTooManySources, DropReason.RtcpMalformed, DropReason.TooLarge, DropReason.TooMuchFeedback,
        DropReason.DataMalformed,
    ];

    private readonly Scenario _scenario;
    private readonly Conference _conference;
    private readonly WireAudit _audit = new();
    private readonly List<Person> _people;
    private readonly Dictionary<string, ulong> _sequences = [];
    private int _eventsSeen;
    private Instant _moment;
    private int _steps;

    public ScenarioRun(Scenario scenario)
    {
        _scenario = scenario;
        _conference = new(scenario.Seed) { AfterStep = CheckStep };
        _conference.Network.Conditions = new(scenario.Delay, TimeSpan.Zero, 0, scenario.Duplication);
        _conference.Network.Filter = (from, to, datagram) =>
        {
            if (from == Conference.ServerAddress)
                _audit.Look(to, datagram);
            return true;
        };
        _people = [.. scenario.People.Select(plan => new Person(_conference, _audit, plan, scenario.Seed))];
    }

    public void Play()
    {
        var deeds = new Queue<PlannedDeed>(_scenario.Deeds);
        var calm = _scenario.Turns - Scenario.CalmTurns;
        for (var turn = 0; turn < _scenario.Turns; turn++)
        {
            foreach (var person in _people.Where(person => person.Plan.JoinsAt == turn))
                person.Join();
            while (deeds.TryPeek(out var deed) && deed.Turn <= turn)
                Do(deeds.Dequeue());
            if (turn == calm / 2 || turn == calm)
                _people.ForEach(person => person.Narrow(turn < calm));
            // Nobody stays muted or paused, so that everything must flow in the end.
            if (turn == calm)
                _people.ForEach(person => person.Reappear());
            foreach (var person in _people.Where(person => person.IsIn))
            {
                person.Watch(Announced(person));
                person.Act(turn);
            }
            _conference.Run(Scenario.Turn);
            TakeEvents();
        }
        CheckEverythingFlows();
        CheckWhatEverybodyGot();
        EndAndCheckNothingIsLeft();
    }

    public void Dispose() => _conference.Dispose();

    private List<Person> Announced(Person person) => [.. _people.Where(other => other.IsIn && other.IsAnnounced && other.Plan.Room == person.Plan.Room)];

    private void Do(PlannedDeed deed)
    {
        var person = _people.Single(person => person.Plan.User == deed.User);
        if (deed.Deed == Deed.WatchMore && person.IsIn)
            person.WatchMore(Announced(person));
        else
            person.Do(deed.Deed);
        TakeEvents();
    }

    private void TakeEvents()
    {
        _conference.Drain();
        for (; _eventsSeen < _conference.Events.Count; _eventsSeen++)
        {
            var roomEvent = _conference.Events[_eventsSeen];
            // Each room counts its own events, without a gap.
            Assert.Equal(_sequences.GetValueOrDefault(roomEvent.RoomId) + 1, roomEvent.Sequence);
            _sequences[roomEvent.RoomId] = roomEvent.Sequence;
            switch (roomEvent.Happening)
            {
                case PublisherReady ready:
                    Find(ready.Publisher.Id).IsAnnounced = true;
                    break;
                case PublisherGone gone:
                    Find(gone.ParticipantId).IsAnnounced = false;
                    break;
                case PeerClosed closed:
                    Assert.DoesNotContain(closed.Reason, UnplannedEnds);
                    break;
            }
        }
    }

    private Person Find(ulong user) => _people.Single(person => person.Plan.User == user);

    private void CheckStep()
    {
        _steps = _conference.Now == _moment ? _steps + 1 : 0;
        _moment = _conference.Now;
        Assert.InRange(_steps, 0, MaximumStepsPerMoment);
        Assert.Equal(0, _conference.Engine.Batch.Count);
        Assert.True(_conference.Engine.NextTimeout > _conference.Now, "the engine wants to be called at a moment that has passed");
        Assert.InRange(_conference.Engine.PeerCount, 0, 3 * _people.Count);
    }

    /// <summary>Whatever happened to whom: by now everybody hears everybody, and sees somebody if the path carries it.</summary>
    private void CheckEverythingFlows()
    {
        var now = _conference.Now;
        foreach (var person in _people.Where(person => person.IsIn && now - person.JoinedAt > ConnectPatience))
        {
            Assert.True(person.IsAnnounced || person.Plan.Publishes == Publishing.Nothing, $"{person.Plan} is not announced");
            var others = Announced(person).Where(other => other != person).ToList();
            Assert.True(person.Viewer is not null || !others.Exists(other => other.Publisher is not null), $"{person.Plan} watches nobody");
            Assert.True(person.Decoder is not null || !others.Exists(other => other.Simulcast is not null), $"{person.Plan} watches no simulcast");
        }
        foreach (var person in _people.Where(person => person is { IsIn: true, Viewer: not null }))
        {
            var viewer = person.Viewer!;
            Assert.True(viewer.ConnectedAt != Instant.Never || now - viewer.CreatedAt < ConnectPatience, $"{person.Plan} does not connect");
            if (viewer.ConnectedAt == Instant.Never || now - viewer.ConnectedAt < VideoPause)
                continue;
            var streams = viewer.Streams.Where(stream => IsPublishing(stream.Publisher, viewer)).ToList();
            foreach (var audio in streams.Where(stream => stream.Kind == MediaKind.Audio))
                Assert.True(now - audio.LastNews < AudioPause, $"{person.Plan} has heard nothing of {audio.Publisher} for {(now - audio.LastNews).TotalSeconds} s");
            // Without RTX nothing can be probed for, and what was taken away comes back after eight seconds at the earliest.
            var isWide = (person.Plan.AcceptsRtx || person.Plan.Down == PathProfile.Clean) && person.Plan.Down is { Loss: <= 0.1, NarrowsTo: null, Jitter.TotalMilliseconds: < 100 } && person.Plan.Down.Kilobits > 10_000;
            if (isWide && streams.Count > 0)
            {
                var news = streams.Where(stream => stream.Kind == MediaKind.Video).Max(stream => stream.LastNews);
                Assert.True(now - news < VideoPause, $"{person.Plan} has seen nothing for {(now - news).TotalSeconds} s");
            }
        }
    }

    private bool IsPublishing(ulong user, Viewer viewer) =>
        Find(user) is { IsIn: true, IsAnnounced: true, Publisher: { Client.IsConnected: true } publisher } && viewer.Watched.Contains(publisher)
        && viewer.Watched.Count(watched => watched.User == user) == 1;

    private void CheckWhatEverybodyGot()
    {
        foreach (var viewer in _people.SelectMany(person => person.Viewers))
        {
            foreach (var stream in viewer.Streams)
            {
                stream.AssertOrder();
                CheckNumbers(viewer, stream);
            }
        }
        foreach (var decoder in _people.SelectMany(person => person.Decoders))
            CheckPlayBack(decoder.Packets);
        foreach (var person in _people)
            Assert.All(person.Clients, client => Assert.True(client.BadPackets == 0, $"{person.Plan} got {client.BadPackets} packets that cannot be read"));
        foreach (var reason in ImpossibleDrops)
            Assert.True(_conference.Engine.Drops[reason] == 0, $"{_conference.Engine.Drops[reason]} drops: {reason}");
    }

    /// <summary>Up to the first packet that came so late that others before it may still be missing.</summary>
    private static void CheckPlayBack(SortedDictionary<long, ReceivedPacket> packets)
    {
        if (packets.Count == 0)
            return;
        var last = packets.Values.Max(packet => packet.At);
        var settled = packets.Values.TakeWhile(packet => last - packet.At > RetransmissionPatience).ToList();
        if (settled.Count > 0)
            PlayBack.Check(settled, Instant.Never);
    }

    /// <summary>What the node sent of a stream.</summary>
    private void CheckNumbers(Viewer viewer, ViewedStream stream)
    {
        if (_audit.Find(viewer.Client, stream.Ssrc) is not { } sent)
            return;
        Assert.True(stream.Count <= sent.Count);
        if (stream.Kind == MediaKind.Audio)
            Assert.Equal(0, sent.Repeated);
        var publisher = Find(stream.Publisher);
        var isWhole = publisher.Plan.Up.KeepsOrder && !publisher.HasMoved && _conference.Engine.Drops[DropReason.PacerOverflow] == 0;
        Assert.True(!isWhole || sent.Gaps == 0, $"{sent.Gaps} numbers were left out of a stream that reached the node whole");
    }

    private void EndAndCheckNothingIsLeft()
    {
        _people.ForEach(person => person.Leave());
        _conference.Run(Scenario.Turn);
        var datagrams = _audit.Datagrams;
        _conference.Run(Aftermath);
        TakeEvents();
        Assert.Equal(datagrams, _audit.Datagrams);
        Assert.Equal(0, _conference.Engine.PeerCount);
        Assert.Empty(_conference.Engine.ListPeers(null));
        Assert.Equal(Instant.Never, _conference.Engine.NextTimeout);
        Assert.Equal(_sequences.Count, _conference.Happenings<RoomClosed>().Count());
    }
}
