using System.Net;
using System.Runtime.CompilerServices;
using MediaNode.Core.Dtls;
using MediaNode.Core.Forwarding;
using MediaNode.Core.Net;
using MediaNode.Core.Rtp;
using MediaNode.Core.SimulationTests.Scenarios;
using MediaNode.Core.Time;
using MediaNode.TestPeer;

namespace MediaNode.Core.Fuzz.Engine;

/// <summary>
/// An engine with one publisher and two subscribers, all connected, in virtual time and without a network between them. After everything that happens it must hold: nothing
/// was thrown, nothing was sent that a client cannot read, no index protects two packets, no table is larger than it may be, and nothing went missing uncounted.
/// </summary>
internal sealed class FuzzedCall : ITransmitter, IDisposable
{
    public const string RoomId = "5f3a1c0de1b2c3d4e5f60718";
    public const ulong Epoch = 1;
    public const ulong PublisherId = 1;

    private const int MaximumRounds = 400;

    private static readonly IPEndPoint Node = new(IPAddress.Parse("192.0.2.1"), 40000);
    private static readonly DtlsCertificate Certificate = DtlsCertificate.CreateSelfSigned();
    private static readonly DtlsContext Dtls = new(Certificate) { UsesRealClock = false };
    private static readonly DtlsCertificate OtherCertificate = DtlsCertificate.CreateSelfSigned();
    private static readonly DtlsContext OtherDtls = new(OtherCertificate) { UsesRealClock = false };
    private static readonly DropReason[] Reasons = Enum.GetValues<DropReason>();

    private readonly Dictionary<TransportAddress, RtcClient> _clients = [];
    private readonly Queue<(TransportAddress To, byte[] Datagram)> _sent = new();
    private readonly WireAudit _audit = new();
    private readonly Dictionary<Ssrc, ushort> _newest = [];
    private int _nextClient = 1;

    public FuzzedCall()
    {
        Engine = new(new()
        {
            Transmitter = this,
            Certificate = Certificate,
            Dtls = Dtls,
            Entropy = new SeededEntropy(1),
            Clock = new(TimeSpan.FromDays(45_000)),
            Candidates = [Node],
        });
        Join(PublisherId, new(0, 0) { MaximumVideoStreams = 1, MaximumAudioStreams = 1 });
        Join(2, new(0, 0));
        Join(3, new(0, 0));
    }

    public MediaEngine Engine { get; }

    public Instant Now { get; private set; } = Instant.FromSeconds(1);

    /// <summary>Everybody is connected, on both sides.</summary>
    public bool IsWhole
    {
        get
        {
            var context = ContextOf(Engine);
            var isWhole = _clients.Count == 3 && _clients.Values.All(client => client.IsConnected);
            for (ulong id = PublisherId; id <= 3; id++)
                isWhole &= context.Peers.ById(id) is { IsConnected: true };
            return isWhole;
        }
    }

    public RtcClient CreateClient(bool withOtherCertificate = false)
    {
        var endPoint = new IPEndPoint(IPAddress.Parse($"198.51.100.{_nextClient}"), 50000);
        var (certificate, dtls) = withOtherCertificate ? (OtherCertificate, OtherDtls) : (Certificate, Dtls);
        var client = new RtcClient(certificate, dtls, new SeededEntropy(100 + _nextClient++), endPoint);
        _clients.Add(TransportAddress.From(endPoint), client);
        _audit.Know(TransportAddress.From(endPoint), client);
        return client;
    }

    public TransportAddress AddressOf(RtcClient client) => _clients.Single(entry => entry.Value == client).Key;

    /// <summary>Highest number that came to a subscriber from a source.</summary>
    public ushort NewestOf(Ssrc ssrc) => _newest.GetValueOrDefault(ssrc);

    /// <summary>The page has thrown its connection away.</summary>
    public void Retire(RtcClient client)
    {
        _clients.Remove(AddressOf(client));
        client.Dispose();
    }

    public void Connect(RtcClient client)
    {
        for (var round = 0; round < MaximumRounds && !client.IsConnected; round++)
            Pass(TimeSpan.FromMilliseconds(5));
        Assert.True(client.IsConnected, "a client does not connect");
    }

    /// <summary>Lets time pass, with all that is due meanwhile.</summary>
    public void Pass(TimeSpan time)
    {
        var end = Now + time;
        Exchange();
        while (true)
        {
            var next = Engine.NextTimeout;
            foreach (var client in _clients.Values)
                next = Instant.Min(next, client.NextTimeout);
            if (next > end)
                break;
            Now = next > Now ? next : Now;
            for (var turns = 0; Engine.NextTimeout <= Now; turns++)
            {
                Assert.True(turns < 5, "something is due again and again: the worker would turn in vain");
                Engine.HandleTimeout(Now);
            }
            foreach (var client in _clients.Values)
            {
                if (client.NextTimeout <= Now)
                    client.HandleTimeout(Now);
            }
            Exchange();
        }
        Now = end;
    }

    /// <summary>Takes everything where it is to go, and what comes of that.</summary>
    public void Exchange()
    {
        do
        {
            foreach (var (address, client) in _clients)
            {
                while (client.TryTakeTransmit(out var datagram, out _))
                    Receive(address, datagram);
            }
            Flush();
            while (_sent.TryDequeue(out var sent))
            {
                if (_clients.TryGetValue(sent.To, out var client))
                    client.HandleDatagram(sent.Datagram, Now);
            }
        }
        while (_clients.Values.Any(client => client.HasTransmit));
        Check();
    }

    public void Receive(in TransportAddress from, byte[] datagram)
    {
        var isMedia = DatagramDemux.Classify(datagram) == PacketKind.Rtp;
        var before = Account();
        Engine.HandleDatagram(from, datagram, Now);
        ThrowFault();
        if (!isMedia)
            return;
        var after = Account();
        var drops = after.Drops - before.Drops;
        Assert.True(after.Received - before.Received + drops > 0, "a packet went missing uncounted");
        Assert.True(after.Received == before.Received || after.InStreams - before.InStreams + drops > 0, "a packet that was received belongs to no stream and was not dropped");
    }

    void ITransmitter.Flush(TransmitBatch batch)
    {
        foreach (ref readonly var transmit in batch.Transmits)
        {
            for (var i = 0; i < transmit.SegmentCount; i++)
            {
                var datagram = batch.Slab[transmit.Segment(i)];
                if (_clients.ContainsKey(transmit.Destination))
                    _audit.Look(transmit.Destination, datagram);
                _sent.Enqueue((transmit.Destination, datagram));
            }
        }
    }

    public T? Done<T>(CommandResult<T> result)
    {
        Check();
        return result.Failure is null ? result.Value : default;
    }

    public void Dispose()
    {
        Engine.CloseRoom(RoomId, Epoch, "over", Now);
        Flush();
        Assert.Equal(0, Engine.PeerCount);
        foreach (var client in _clients.Values)
            client.Dispose();
    }

    private void Join(ulong user, RoomLimits limits) => Assert.Null(Engine.Join(RoomId, Epoch, user, "", "instance", limits, Now).Failure);

    private void Flush()
    {
        Engine.Flush(Now);
        while (Engine.TryTakeEvent(out _))
        {
            // Nobody listens.
        }
        ThrowFault();
    }

    private void ThrowFault()
    {
        if (Engine.TryTakeFault(out var fault))
            throw new InvalidOperationException($"peer {fault.PeerId} tripped over a broken invariant", fault.Exception);
    }

    private void Check()
    {
        Flush();
        Assert.Equal(0, Engine.Batch.Count);
        var context = ContextOf(Engine);
        Assert.InRange(context.Peers.Count, 0, 3);
        Assert.InRange(context.Deadlines.Count, 0, context.Peers.Count);
        foreach (var client in _clients.Values)
        {
            Assert.Equal(0, client.BadPackets);
            // They were readable, which is all that is asked.
            while (client.TryTakePacket(out var packet))
                Note(packet);
            while (client.TryTakeControl(out _) || client.TryTakeMessage(out _))
                continue;
        }
        if (context.Peers.ById(PublisherId) is not PublisherPeer publisher)
            return;
        Assert.InRange(SourcesOf(publisher).Count, 0, SourceTable.MaximumSources);
        Assert.InRange(publisher.Tracks.Count, 0, Sdp.SdpLimits.MediaLines);
        Assert.All(publisher.Tracks, track => Assert.InRange(track.Encodings.Count, 1, PublishedTrack.MaximumEncodings));
        Assert.All(publisher.Tracks, track => Assert.InRange(track.DownTracks.Count, 0, 2));
    }

    private void Note(byte[] bytes)
    {
        Assert.True(RtpPacketView.TryParse(bytes, out var packet, out _), "what goes out is no RTP");
        if (!_newest.TryGetValue(packet.Ssrc, out var newest) || (short)(packet.SequenceNumber - newest) > 0)
            _newest[packet.Ssrc] = packet.SequenceNumber;
    }

    private (long Received, long InStreams, long Drops) Account()
    {
        var drops = 0L;
        foreach (var reason in Reasons)
            drops += Engine.Drops[reason];
        var inStreams = 0L;
        if (ContextOf(Engine).Peers.ById(PublisherId) is PublisherPeer publisher)
        {
            foreach (var track in publisher.Tracks)
            {
                foreach (var encoding in track.Encodings)
                    inStreams += encoding.Statistics.PacketsReceived;
            }
        }
        return (Engine.Counters.PacketsReceived, inStreams, drops);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_context")]
    private static extern ref EngineContext ContextOf(MediaEngine engine);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_sources")]
    private static extern ref SourceTable SourcesOf(PublisherPeer publisher);
}
