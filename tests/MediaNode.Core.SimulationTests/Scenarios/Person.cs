using MediaNode.Core.Net;
using MediaNode.Core.SimulationTests.Network;
using MediaNode.Core.Time;

namespace MediaNode.Core.SimulationTests.Scenarios;

/// <summary>One person of a scenario: joins, publishes, watches everybody who publishes in the room, and does what is planned.</summary>
internal sealed class Person
{
    private const int VideoPackets = 3;
    private const int TurnsPerFrame = 3;

    private readonly Conference _conference;
    private readonly WireAudit _audit;
    private readonly Links _links;
    private readonly Links _gentleLinks;
    private readonly Random _random;
    private bool _isMuted;

    public Person(Conference conference, WireAudit audit, PersonPlan plan, int seed)
    {
        (_conference, _audit, Plan) = (conference, audit, plan);
        _links = new(plan.Up, plan.Down);
        _gentleLinks = new(plan.Up.IsGentle ? plan.Up : PathProfile.Clean, plan.Down.IsGentle ? plan.Down : PathProfile.Clean);
        _random = new(seed * Scenario.MaximumPeople + (int)plan.User);
    }

    public PersonPlan Plan { get; }

    public bool IsIn { get; private set; }

    public Instant JoinedAt { get; private set; }

    /// <summary>The node has announced what the person publishes.</summary>
    public bool IsAnnounced { get; set; }

    public SimulatedPublisher? Publisher { get; private set; }

    public SimulcastPublisher? Simulcast { get; private set; }

    public Viewer? Viewer { get; private set; }

    public DecodingSubscriber? Decoder { get; private set; }

    /// <summary>The publisher's address has changed, so packets may have gone nowhere.</summary>
    public bool HasMoved { get; private set; }

    /// <summary>All that this person ever had.</summary>
    public List<Viewer> Viewers { get; } = [];

    public List<DecodingSubscriber> Decoders { get; } = [];

    public List<RtcClient> Clients { get; } = [];

    public void Join()
    {
        _conference.Join(Plan.User, room: Plan.Room);
        IsIn = true;
        JoinedAt = _conference.Now;
        IsAnnounced = false;
        (Publisher, Simulcast, Viewer, Decoder) = (null, null, null, null);
        if (Plan.Publishes == Publishing.Plain)
        {
            Publisher = new(_conference, Plan.User, FirstSequence(), Plan.Room) { AudioLevel = (byte)_random.Next(10, 128) };
            Place(Publisher.Client, Publisher.Address, _links);
        }
        else if (Plan.Publishes == Publishing.Simulcast)
        {
            Simulcast = new(_conference, Plan.User, _random.Next(), isLowestFirst: _random.Next(2) == 0, room: Plan.Room);
            Place(Simulcast.Client, Simulcast.Address, _gentleLinks);
        }
    }

    public void Leave()
    {
        if (!IsIn)
            return;
        IsIn = false;
        Conference.Value(_conference.Engine.Leave(Plan.Room, Conference.Epoch, Plan.User, null, _conference.Now));
        (Publisher, Simulcast, Viewer, Decoder) = (null, null, null, null);
    }

    /// <summary>Subscribes to those who are there by now.</summary>
    public void Watch(IReadOnlyList<Person> announced)
    {
        var plain = announced.Where(other => other != this && other.Publisher is not null).Select(other => other.Publisher!).ToList();
        if (Viewer is null && plain.Count > 0)
        {
            Viewers.Add(Viewer = new(_conference, Plan, plain));
            Place(Viewer.Client, Viewer.Address, _links);
        }
        if (Decoder is null && announced.FirstOrDefault(other => other != this && other.Simulcast is not null) is { } simulcast)
        {
            Decoders.Add(Decoder = new(_conference, Plan.User, simulcast.Plan.User, Plan.AcceptsRtx, Plan.Room));
            Place(Decoder.Client, Decoder.Address, _gentleLinks);
        }
    }

    public void WatchMore(IReadOnlyList<Person> announced)
    {
        var more = announced.Where(other => other != this && other.Publisher is not null && Viewer is { } viewer && !viewer.Watched.Contains(other.Publisher))
            .Select(other => other.Publisher!).ToList();
        if (more.Count > 0)
            Viewer!.WatchAlso(more);
    }

    public void Narrow(bool isNarrow)
    {
        if (Plan.Down.NarrowsTo is { } kilobits)
            _links.Down.KilobitsPerSecond = isNarrow ? kilobits : Plan.Down.Kilobits;
    }

    public void Do(Deed deed)
    {
        switch (deed)
        {
            case Deed.Leave:
                Leave();
                break;
            case Deed.Return:
                Join();
                break;
            case Deed.Mute or Deed.Unmute:
                _isMuted = deed == Deed.Mute;
                break;
            case Deed.Move or Deed.Rebind:
                Move(isNoticed: deed == Deed.Move);
                break;
            case Deed.RestartSenders when Publisher is { Client.IsConnected: true }:
                RestartSenders(Publisher);
                break;
            case Deed.RestartPublishersIce when Publisher is { Client.IsConnected: true }:
                RestartPublisher(Publisher);
                break;
            case Deed.RestartSubscribersIce when Viewer is { Client.IsConnected: true }:
                Viewer.RestartIce();
                break;
            case Deed.Wish:
                Decoder?.Want((byte)_random.Next(3), (byte)_random.Next(3));
                break;
            case Deed.Pause or Deed.Resume:
                // Not the decoder: a packet that others overtook just before a pause never goes out, and play-back would take its number for a loss.
                Viewer?.Send(deed == Deed.Resume);
                break;
        }
    }

    public void Reappear()
    {
        Do(Deed.Unmute);
        Do(Deed.Resume);
    }

    public void Act(int turn)
    {
        var isFrameDue = turn % TurnsPerFrame == (int)(Plan.User % TurnsPerFrame) && !_isMuted;
        if (Publisher is { Client.IsConnected: true } publisher)
        {
            while (publisher.Client.TryTakeControl(out var compound))
            {
                ControlCheck.AssertWellFormed(compound);
                publisher.Video.HandleControl(publisher.Client, compound);
            }
            if (isFrameDue)
                publisher.SendFrame(VideoPackets);
        }
        if (Simulcast is { Client.IsConnected: true } simulcast)
        {
            simulcast.HandleFeedback();
            if (isFrameDue)
                simulcast.SendFrame();
        }
        Decoder?.Receive();
    }

    /// <summary>
    /// Any number, but none so near the end that packets after the wrap may overtake all before it: a receiver that saw none of those decrypts with a rollover count of 0,
    /// for which RFC 3711 section 3.3.1 lets senders begin below 2^15.
    /// </summary>
    private ushort FirstSequence() => (ushort)_random.Next(0x10000 - 100);

    private void RestartSenders(SimulatedPublisher publisher)
    {
        publisher.RestartSenders(FirstSequence(), (uint)_random.NextInt64(uint.MaxValue), beginsWithKeyFrame: _random.Next(4) != 0);
        Conference.Value(_conference.Engine.Publish(Plan.Room, Conference.Epoch, Plan.User, publisher.PeerId, publisher.CreateOffer(), 0, _conference.Now));
    }

    private void RestartPublisher(SimulatedPublisher publisher)
    {
        var published = Conference.Value(_conference.Engine.Publish(
            Plan.Room, Conference.Epoch, Plan.User, publisher.PeerId, publisher.CreateRestartOffer(), 0, _conference.Now));
        publisher.Client.AcceptAnswer(published.SdpAnswer, _conference.Now);
    }

    private void Move(bool isNoticed)
    {
        HasMoved |= Publisher is not null;
        foreach (var (client, links) in new[] { (Publisher?.Client, _links), (Viewer?.Client, _links), (Simulcast?.Client, _gentleLinks), (Decoder?.Client, _gentleLinks) })
        {
            // What a NAT's change loses until the next check is more than the history holds, and a decoder that is to be played back must miss nothing.
            if (client is not { IsConnected: true } || (!isNoticed && links == _gentleLinks))
                continue;
            Place(client, _conference.Move(client), links);
            if (isNoticed)
                client.CheckNow(_conference.Now);
        }
    }

    private void Place(RtcClient client, TransportAddress address, Links links)
    {
        if (!Clients.Contains(client))
            Clients.Add(client);
        _audit.Know(address, client);
        _conference.Network.Limit(address, links.Down);
        _conference.Network.LimitFrom(address, links.Up);
    }

    private sealed class Links(PathProfile up, PathProfile down)
    {
        public SimulatedLink Up { get; } = up.Create();

        public SimulatedLink Down { get; } = down.Create();
    }
}
