using MediaNode.Core.Dtls;
using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Dtls;

/// <summary>A client and a server in virtual time with a network between them that a test may spoil. No clock, no sleep.</summary>
internal sealed class DtlsPair : IDisposable
{
    private static readonly TimeSpan OneWayDelay = TimeSpan.FromMilliseconds(20);

    private readonly PriorityQueue<(bool ToServer, byte[] Data), (long Time, long Order)> wire = new();
    private readonly byte[] buffer = new byte[4096];
    private readonly List<IDisposable> owned = [];
    private long order;

    internal DtlsPair(
        DtlsContext? clientContext = null,
        DtlsContext? serverContext = null,
        IReadOnlyList<DtlsFingerprint>? expectedByClient = null,
        IReadOnlyList<DtlsFingerprint>? expectedByServer = null)
    {
        var clientCertificate = TestCertificates.Client;
        var serverCertificate = TestCertificates.Server;
        clientContext ??= Own(new DtlsContext(clientCertificate));
        serverContext ??= Own(new DtlsContext(serverCertificate));
        Client = Own(new DtlsTransport(clientContext, DtlsRole.Client, expectedByClient ?? [TestCertificates.Fingerprint(serverCertificate)], Now));
        Server = Own(new DtlsTransport(serverContext, DtlsRole.Server, expectedByServer ?? [TestCertificates.Fingerprint(clientCertificate)], Now));
    }

    internal DtlsTransport Client { get; }

    internal DtlsTransport Server { get; }

    internal Instant Now { get; private set; } = Instant.FromSeconds(1);

    /// <summary>Number of the datagram (counted from 0 over both directions) and its bytes in; how many copies arrive and with which extra delay out.</summary>
    internal Func<int, byte[], IEnumerable<TimeSpan>> Network { get; set; } = (_, _) => [TimeSpan.Zero];

    /// <summary>What a datagram turns into on the way; by default itself.</summary>
    internal Func<bool, byte[], IEnumerable<byte[]>> Rewrite { get; set; } = (_, datagram) => [datagram];

    internal List<byte[]> Sent { get; } = [];

    internal bool BothConnected => Client.State == DtlsState.Connected && Server.State == DtlsState.Connected;

    internal void Start()
    {
        Client.Start(Now);
        Drain();
    }

    /// <summary>Runs until nothing is left to happen, or until <paramref name="limit"/> of virtual time has passed.</summary>
    internal void Run(TimeSpan limit)
    {
        var end = Now + limit;
        while (true)
        {
            var arrival = wire.TryPeek(out _, out var next) ? new Instant(next.Time) : Instant.Never;
            var moment = Instant.Min(arrival, Instant.Min(Client.NextTimeout, Server.NextTimeout));
            if (moment == Instant.Never || moment > end)
                return;

            Now = moment > Now ? moment : Now;
            if (arrival == moment)
            {
                var (toServer, data) = wire.Dequeue();
                (toServer ? Server : Client).HandleDatagram(data, Now);
            }
            else
            {
                Client.HandleTimeout(Now);
                Server.HandleTimeout(Now);
            }

            Drain();
        }
    }

    internal void Connect()
    {
        Start();
        Run(TimeSpan.FromSeconds(30));
        Assert.True(BothConnected, $"client {Client.State} {Client.Failure}, server {Server.State} {Server.Failure}");
    }

    internal void Drain()
    {
        Drain(Client, toServer: true);
        Drain(Server, toServer: false);
    }

    /// <summary>Lets virtual time pass with nothing happening in it.</summary>
    internal void Advance(TimeSpan time) => Now += time;

    public void Dispose() => owned.AsEnumerable().Reverse().ToList().ForEach(item => item.Dispose());

    internal T Own<T>(T item) where T : IDisposable
    {
        owned.Add(item);
        return item;
    }

    private void Drain(DtlsTransport from, bool toServer)
    {
        while (from.TryTakeTransmit(buffer, out var length))
        {
            Assert.InRange(length, 1, 1200);
            foreach (var datagram in Rewrite(toServer, buffer[..length]))
            {
                foreach (var delay in Network(Sent.Count, datagram))
                    wire.Enqueue((toServer, datagram), ((Now + OneWayDelay + delay).Nanoseconds, order++));
                Sent.Add(datagram);
            }
        }
    }
}
