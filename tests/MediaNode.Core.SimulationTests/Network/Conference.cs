using System.Net;
using MediaNode.Core.Dtls;
using MediaNode.Core.Forwarding;
using MediaNode.Core.Net;
using MediaNode.Core.Time;
using MediaNode.TestPeer;

namespace MediaNode.Core.SimulationTests.Network;

/// <summary>A whole conference in one thread and in virtual time: an engine, clients, and the network between them.</summary>
internal sealed class Conference : ITransmitter, IDisposable
{
    public const string RoomId = "5f3a1c0de1b2c3d4e5f60718";
    public const ulong Epoch = 1;

    /// <summary>What one turn found out, a new rate for packets that wait, may let the next one do more in the same moment.</summary>
    private const int TurnsAtOnce = 4;

    /// <summary>Clients of one conference whose entropy is their own. Not a hash: those of .NET differ from process to process, and a seed must repeat.</summary>
    private const int EntropiesPerSeed = 10_000;

    private static readonly IPEndPoint ServerEndPoint = new(IPAddress.Parse("192.0.2.1"), 40000);
    private static readonly TransportAddress Server = TransportAddress.From(ServerEndPoint);

    private readonly DtlsCertificate _nodeCertificate = DtlsCertificate.CreateSelfSigned();
    private readonly DtlsContext _nodeDtls;
    private readonly Dictionary<TransportAddress, RtcClient> _clients = [];
    private readonly Dictionary<RtcClient, ITimedReceiver> _receivers = [];
    private readonly List<RoomEvent> _events = [];
    private readonly List<(DtlsCertificate Certificate, DtlsContext Dtls)> _others = [];
    private readonly int _seed;
    private ulong _nextPeer = 1;
    private int _nextAddress = 1;

    public Conference(int seed)
    {
        _seed = seed;
        Network = new(seed);
        _nodeDtls = new(_nodeCertificate) { UsesRealClock = false };
        ClientCertificate = DtlsCertificate.CreateSelfSigned();
        ClientDtls = new(ClientCertificate) { UsesRealClock = false };
        Engine = new(new()
        {
            Transmitter = this,
            Certificate = _nodeCertificate,
            Dtls = _nodeDtls,
            Entropy = new SeededEntropy(seed),
            Clock = new(TimeSpan.FromDays(45_000)),
            Candidates = [ServerEndPoint],
        });
    }

    public SimulatedNetwork Network { get; }

    public MediaEngine Engine { get; }

    public Instant Now { get; private set; } = Instant.FromSeconds(1);

    public DtlsCertificate ClientCertificate { get; }

    public DtlsContext ClientDtls { get; }

    /// <summary>All clients draw the same numbers: ICE credentials above all.</summary>
    public bool ClientsAreTwins { get; init; }

    /// <summary>What the node sends goes nowhere: while the engine alone is measured.</summary>
    public bool DiscardTransmits { get; set; }

    /// <summary>Broken invariants are what is tested; else the first one fails the test.</summary>
    public bool ExpectsFaults { get; init; }

    public List<SessionFault> Faults { get; } = [];

    /// <summary>Looks at the engine after everything that happened.</summary>
    public Action? AfterStep { get; set; }

    public IReadOnlyList<RoomEvent> Events => _events;

    public IEnumerable<T> Happenings<T>() where T : Happening => _events.Select(roomEvent => roomEvent.Happening).OfType<T>();

    /// <summary>Address of the node, for attackers.</summary>
    public static TransportAddress ServerAddress => Server;

    public ulong NextPeerId() => _nextPeer++;

    public RtcClient CreateClient(out TransportAddress address) => CreateClient(ClientCertificate, ClientDtls, out address);

    /// <summary>With a certificate of its own, as each PeerConnection of a browser has one.</summary>
    public RtcClient CreateClientWithOtherCertificate(out TransportAddress address)
    {
        var certificate = DtlsCertificate.CreateSelfSigned();
        var dtls = new DtlsContext(certificate) { UsesRealClock = false };
        _others.Add((certificate, dtls));
        return CreateClient(certificate, dtls, out address);
    }

    private RtcClient CreateClient(DtlsCertificate certificate, DtlsContext dtls, out TransportAddress address)
    {
        var number = _nextAddress++;
        var endPoint = new IPEndPoint(IPAddress.Parse($"198.51.{100 + number / 250}.{1 + number % 250}"), 50000);
        address = TransportAddress.From(endPoint);
        var client = new RtcClient(certificate, dtls, new SeededEntropy(_seed * EntropiesPerSeed + (ClientsAreTwins ? 0 : number)), endPoint);
        _clients.Add(address, client);
        return client;
    }

    /// <summary>Hands what a client gets to a receiver at the very moment.</summary>
    public void Attach(RtcClient client, ITimedReceiver receiver) => _receivers.Add(client, receiver);

    /// <summary>The client's address changes, as from Wi-Fi to mobile.</summary>
    public TransportAddress Move(RtcClient client)
    {
        var after = TransportAddress.From(IPAddress.Parse($"203.0.113.{_nextAddress++}"), 60000);
        MoveTo(client, after);
        return after;
    }

    public void MoveTo(RtcClient client, TransportAddress address)
    {
        Unplug(client);
        _clients.Add(address, client);
    }

    /// <summary>The client vanishes without a word.</summary>
    public void Unplug(RtcClient client) => _clients.Remove(_clients.Single(entry => entry.Value == client).Key);

    public Joined Join(ulong user, string instance = "instance-a", int maximum = 0, string room = RoomId, RoomLimits? limits = null) =>
        Value(Engine.Join(room, Epoch, user, $"user {user}", instance, limits ?? new(maximum, 0), Now));

    public static T Value<T>(CommandResult<T> result)
    {
        Assert.Null(result.Failure);
        return result.Value!;
    }

    /// <summary>Lets virtual time pass until the condition holds.</summary>
    /// <param name="condition">Looked at after each event.</param>
    /// <param name="limit">Virtual time after which the test fails.</param>
    /// <param name="what">What was waited for.</param>
    public void RunUntil(Func<bool> condition, TimeSpan limit, string what)
    {
        var end = Now + limit;
        while (!condition())
        {
            if (!Step(end))
                Assert.Fail($"after {limit.TotalSeconds} s of virtual time with seed {_seed}: {what} did not happen");
        }
    }

    /// <summary>Time passes and nothing else happens: while the engine alone is measured.</summary>
    public void Skip(TimeSpan time) => Now += time;

    public void Run(TimeSpan time)
    {
        var end = Now + time;
        while (Step(end))
        {
        }
        Now = end;
    }

    public void Flush(TransmitBatch batch)
    {
        if (DiscardTransmits)
            return;
        foreach (ref readonly var transmit in batch.Transmits)
        {
            for (var i = 0; i < transmit.SegmentCount; i++)
                Network.Send(Server, transmit.Destination, batch.Slab[transmit.Segment(i)], Now);
        }
    }

    /// <summary>Sends a datagram to the node from any address.</summary>
    public void Inject(TransportAddress from, byte[] datagram) => Network.Send(from, Server, datagram, Now);

    public void Drain()
    {
        Engine.Flush(Now);
        while (Engine.TryTakeEvent(out var roomEvent))
            _events.Add(roomEvent);
        while (Engine.TryTakeFault(out var fault))
        {
            Faults.Add(fault);
            if (!ExpectsFaults)
                throw new InvalidOperationException($"an invariant of peer {fault.PeerId} is broken", fault.Exception);
        }
        foreach (var (address, client) in _clients)
        {
            while (client.TryTakeTransmit(out var datagram, out var destination))
                Network.Send(address, destination, datagram, Now);
        }
    }

    public void Dispose()
    {
        foreach (var client in _clients.Values)
            client.Dispose();
        foreach (var (certificate, dtls) in _others)
        {
            dtls.Dispose();
            certificate.Dispose();
        }
        ClientDtls.Dispose();
        ClientCertificate.Dispose();
        _nodeDtls.Dispose();
        _nodeCertificate.Dispose();
    }

    /// <summary>Goes on to the next thing that happens.</summary>
    /// <returns>False when nothing happens before the end.</returns>
    private bool Step(Instant end)
    {
        Drain();
        var next = Instant.Min(Engine.NextTimeout, Network.NextArrival);
        foreach (var client in _clients.Values)
            next = Instant.Min(next, client.NextTimeout);
        foreach (var receiver in _receivers.Values)
            next = Instant.Min(next, receiver.NextTimeout);
        if (next > end)
            return false;
        if (next > Now)
            Now = next;
        while (Network.TryTakeArrival(Now, out var arrival))
        {
            if (arrival.To == Server)
                Engine.HandleDatagram(arrival.From, arrival.Datagram.ToArray(), Now);
            else if (_clients.TryGetValue(arrival.To, out var client))
            {
                client.HandleDatagram(arrival.Datagram.ToArray(), Now);
                if (_receivers.TryGetValue(client, out var receiver))
                    receiver.Receive(Now);
            }
        }
        for (var turns = 0; Engine.NextTimeout <= Now; turns++)
        {
            Assert.True(turns < TurnsAtOnce, "something is due again and again: the worker would turn in vain");
            Engine.HandleTimeout(Now);
        }
        foreach (var client in _clients.Values.Where(client => client.NextTimeout <= Now).ToList())
            client.HandleTimeout(Now);
        foreach (var receiver in _receivers.Values)
        {
            if (receiver.NextTimeout <= Now)
                receiver.HandleTimeout(Now);
        }
        Drain();
        AfterStep?.Invoke();
        return true;
    }
}
