using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using MediaNode.Core.Dtls;
using MediaNode.Core.Forwarding;
using MediaNode.Core.Srtp;
using MediaNode.Core.Time;
using MediaNode.Telemetry;
using Microsoft.Extensions.Options;

namespace MediaNode.Transport;

/// <summary>The node's workers, and which of them has which room.</summary>
internal sealed class WorkerPool : IHostedService, IDisposable
{
    private readonly RoomPlacements<Worker> _rooms = new();
    private readonly Channel<RoomEvent> _events = Channel.CreateUnbounded<RoomEvent>(new() { SingleReader = true });
    private readonly DtlsCertificate _certificate = DtlsCertificate.CreateSelfSigned();
    private readonly DtlsContext _dtls;
    private readonly TransitTimes _transit;
    private readonly Worker[] _workers;
    private readonly ILogger _logger;

    public WorkerPool(IOptions<NodeOptions> options, TransitTimes transit, ILoggerFactory loggers)
    {
        var node = options.Value;
        _transit = transit;
        AppContext.SetSwitch(GcmKey.OpenSslOnlySwitch, node.OpenSslOnly);
        _logger = loggers.CreateLogger<WorkerPool>();
        _logger.LogInformation("media is encrypted by {Engine}", GcmKey.Engine);
        _dtls = new(_certificate);
        if (_dtls.TryAllowDtls13())
            _logger.LogInformation("OpenSSL has DTLS 1.3, which is used with clients that have it");
        var descriptors = DescriptorBudget.Limit;
        var count = node.Workers > 0 ? node.Workers : Math.Max(1, Environment.ProcessorCount - 1);
        var streams = DescriptorBudget.StreamsPerWorker(descriptors, count);
        if (node.Tcp && streams < StreamPort.MaximumConnections)
            _logger.LogWarning("this process may open {Limit} files: TCP connections of clients are limited to {Streams} for each worker", descriptors, streams);
        _workers = [.. Enumerable.Range(0, count).Select(index => CreateWorker(node, index, count, streams, loggers.CreateLogger<Worker>()))];
    }

    /// <summary>Bounded in effect: a worker makes a handful of events per command and per peer, and the reader only hands them on.</summary>
    public ChannelReader<RoomEvent> Events => _events.Reader;

    public IReadOnlyList<Worker> Workers => _workers;

    public int RoomCount => _rooms.Count;

    public int PeerCount => _workers.Sum(worker => worker.Engine.PeerCount);

    /// <summary>
    /// Runs a join on the worker that has the room; a room nobody has yet goes to the one that works least, among equals the one with the fewest peers.
    /// </summary>
    /// <exception cref="WorkerOverloadedException">The worker's queue is full.</exception>
    public async Task<T> JoinAsync<T>(string roomId, Func<MediaEngine, Instant, T> join)
    {
        var worker = _rooms.Claim(roomId, () => _workers.MinBy(worker => (Math.Round(worker.Load, 1), worker.Engine.PeerCount))!);
        try
        {
            return await worker.InvokeAsync((engine, now) =>
            {
                try
                {
                    return join(engine, now);
                }
                finally
                {
                    _rooms.Settle(roomId, engine.HasRoom(roomId));
                }
            });
        }
        catch (WorkerOverloadedException)
        {
            _rooms.GiveBack(roomId);
            throw;
        }
    }

    public Worker? Find(string roomId) => _rooms.Find(roomId);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var started = MonotonicClock.Now;
        var calls = Rehearse();
        _logger.LogInformation("rehearsed {Calls} calls in {Milliseconds:0} ms", calls, (MonotonicClock.Now - started).TotalMilliseconds);
        foreach (var worker in _workers)
            worker.Start();
        return Task.CompletedTask;
    }

    private int Rehearse()
    {
        try
        {
            return Rehearsal.PlayUntilCompiled(_certificate, _dtls);
        }
        catch (InvalidOperationException problem) when (_dtls.TryAllowDtls13())
        {
            // Both sides of a rehearsed call take the newest version that there is.
            _logger.LogWarning(problem, "DTLS 1.3 does not work with this OpenSSL: 1.2 is used alone");
            _dtls.LimitToDtls12();
            return Rehearsal.PlayUntilCompiled(_certificate, _dtls);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var worker in _workers)
            worker.Dispose();
        _events.Writer.TryComplete();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _dtls.Dispose();
        _certificate.Dispose();
    }

    private Worker CreateWorker(NodeOptions node, int index, int workers, int maximumStreams, ILogger<Worker> logger)
    {
        var endPoint = ListenEndPoint(node, index);
        IDatagramPort port;
        try
        {
            port = node.BatchedSockets && OperatingSystem.IsLinux()
                ? LinuxDatagramPort.Open(endPoint, node.Tcp, maximumStreams)
                : new SocketDatagramPort(endPoint);
        }
        catch (SocketException exception)
        {
            throw new InvalidOperationException($"Port {endPoint} cannot be used ({exception.Message}): set Node__Port, or free the port.", exception);
        }
        var candidates = NodeAddresses.Candidates(node.AdvertisedAddresses, endPoint.Address, port.LocalPort, index);
        var engine = new MediaEngine(new()
        {
            Transmitter = port,
            Certificate = _certificate,
            Dtls = _dtls,
            Entropy = new SystemEntropy(),
            Clock = MonotonicClock.CreateNtpClock(),
            Candidates = candidates,
            TcpCandidates = port.Streams is null ? [] : candidates,
            SubscriberBitrate = node.SubscriberBitrate,
            MaximumPeers = Math.Max(1, node.MaximumPeers / workers),
            EmptyRoomTimeout = TimeSpan.FromSeconds(node.EmptyRoomSeconds),
        });
        if (node.Tcp && port.Streams is null)
            logger.LogWarning("media worker {Index} takes no TCP: port {Port} is taken there, or Node:BatchedSockets is off", index, port.LocalPort);
        logger.LogInformation(
            "media worker {Index} listens on {Protocols} {Port}, advertises {Addresses}",
            index,
            port.Streams is null ? "UDP" : "UDP and TCP",
            port.LocalPort,
            string.Join(", ", candidates));
        return new(index, port, engine, _rooms, _events.Writer, _transit, logger);
    }

    private static IPEndPoint ListenEndPoint(NodeOptions node, int index)
    {
        var address = node.ListenAddress.Length > 0
            ? IPAddress.Parse(node.ListenAddress)
            : Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
        return new(address, node.Port == 0 ? 0 : node.Port + index);
    }
}
