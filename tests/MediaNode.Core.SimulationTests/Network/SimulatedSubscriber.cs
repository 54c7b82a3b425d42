using MediaNode.Core.Forwarding;
using MediaNode.Core.Net;
using MediaNode.Core.Recovery;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.TestPeer;

namespace MediaNode.Core.SimulationTests.Network;

/// <summary>Receives one publisher as the SDK does, on a PeerConnection of its own, and checks every packet off.</summary>
internal sealed class SimulatedSubscriber
{
    private readonly Conference _conference;
    private readonly Dictionary<Ssrc, ReceivedStream> _streams = [];
    private readonly Dictionary<Ssrc, ReceivedStream> _retransmissions = [];

    public SimulatedSubscriber(Conference conference, ulong user, ulong publisher, string room = Conference.RoomId)
    {
        _conference = conference;
        Publisher = publisher;
        PeerId = conference.NextPeerId();
        Client = conference.CreateClient(out var address);
        Address = address;
        var subscribed = Conference.Value(conference.Engine.Subscribe(
            room, Conference.Epoch, user, PeerId, [new StreamWish(publisher, null)], "", conference.Now));
        var answer = Client.AnswerOffer(subscribed.SdpOffer!, conference.Now);
        Conference.Value(conference.Engine.Answer(room, Conference.Epoch, PeerId, answer, conference.Now));
        TakeStreams();
    }

    /// <summary>Whom it gets.</summary>
    public ulong Publisher { get; }

    public ulong PeerId { get; }

    public RtcClient Client { get; private set; }

    public TransportAddress Address { get; private set; }

    public ReceivedStream Audio => _streams.Values.Single(stream => stream.Kind == MediaKind.Audio);

    public ReceivedStream Video => _streams.Values.Single(stream => stream.Kind == MediaKind.Video);

    /// <summary>Asks for an offer, as signalling does when the node says that one is needed, and answers it.</summary>
    /// <returns>The offer.</returns>
    public string Renegotiate()
    {
        var offer = Conference.Value(_conference.Engine.UpdateSubscription(
            Conference.RoomId, Conference.Epoch, PeerId, [], [], restartsIce: false, _conference.Now)).SdpOffer!;
        var answer = Client.AnswerOffer(offer, _conference.Now);
        Conference.Value(_conference.Engine.Answer(Conference.RoomId, Conference.Epoch, PeerId, answer, _conference.Now));
        TakeStreams();
        return offer;
    }

    /// <summary>The page makes its PeerConnection anew, and answers on the same handle.</summary>
    /// <param name="restartsIce">It asked for an offer that restarts ICE, as it should; else it answers one that it was sent.</param>
    public void RecreateConnection(bool restartsIce)
    {
        var offer = Conference.Value(_conference.Engine.UpdateSubscription(
            Conference.RoomId, Conference.Epoch, PeerId, [], [], restartsIce, _conference.Now)).SdpOffer!;
        Client = _conference.CreateClientWithOtherCertificate(out var address);
        Address = address;
        var answer = Client.AnswerOffer(offer, _conference.Now);
        Conference.Value(_conference.Engine.Answer(Conference.RoomId, Conference.Epoch, PeerId, answer, _conference.Now));
        // What it receives from now on is another stream, though under the same sources.
        _streams.Clear();
        TakeStreams();
    }

    /// <summary>Takes in what came, and asks for what is missing.</summary>
    public void Receive()
    {
        while (Client.TryTakePacket(out var bytes))
        {
            Assert.True(RtpPacketView.TryParse(bytes, out var packet, out _));
            if (_streams.TryGetValue(packet.Ssrc, out var stream))
                stream.Handle(packet.SequenceNumber, packet.Timestamp.Value, packet.Payload, _conference.Now);
            else if (_retransmissions.TryGetValue(packet.Ssrc, out stream))
                stream.HandleRetransmission(packet, _conference.Now);
            else
                Assert.Fail($"a packet of source {packet.Ssrc}, which no offer announced");
        }
        SendNacks();
    }

    /// <summary>Those of the last offer. What was received on one that is still there stays.</summary>
    private void TakeStreams()
    {
        var before = new Dictionary<Ssrc, ReceivedStream>(_streams);
        _streams.Clear();
        _retransmissions.Clear();
        foreach (var media in Client.Media)
        {
            var source = media.Sources.Single();
            var stream = before.GetValueOrDefault(source.Primary) ?? new ReceivedStream(media.Kind, source.Primary);
            _streams.Add(source.Primary, stream);
            if (source.Retransmission is { } retransmission)
                _retransmissions.Add(retransmission, stream);
        }
    }

    private void SendNacks()
    {
        Span<ushort> due = stackalloc ushort[64];
        Span<byte> buffer = stackalloc byte[512];
        foreach (var stream in _streams.Values.Where(stream => stream.Kind == MediaKind.Video))
        {
            var count = stream.Nack.TakeDue(_conference.Now, due, out _);
            if (count == 0)
                continue;
            var writer = new RtcpWriter(buffer);
            writer.WriteNack(new(new(99), stream.Ssrc), due[..count]);
            Client.SendControl(buffer[..writer.Length]);
        }
        _conference.Drain();
    }
}

/// <summary>Everything that came on one stream.</summary>
internal sealed class ReceivedStream(MediaKind kind, Ssrc ssrc)
{
    private readonly HashSet<long> _numbers = [];
    private readonly HashSet<ushort> _sequenceNumbers = [];
    private ExtendedSequenceNumber? _highest;

    public MediaKind Kind { get; } = kind;

    public Ssrc Ssrc { get; } = ssrc;

    public NackGenerator Nack { get; } = new();

    /// <summary>The publisher's own numbers of the packets that arrived.</summary>
    public IReadOnlySet<long> Numbers => _numbers;

    public int Duplicates { get; private set; }

    public int Retransmissions { get; private set; }

    /// <summary>Sequence numbers of the stream from the first packet to the highest.</summary>
    public long Span => _highest is null ? 0 : _highest.Value.Value - First + 1;

    public ushort HighestSequenceNumber => _highest?.Truncated ?? 0;

    /// <summary>Of the newest packet.</summary>
    public uint LastTimestamp { get; private set; }

    /// <summary>Most ticks between the timestamps of two packets that were the newest one after another; uint.MaxValue and a bit less when one went back.</summary>
    public uint LongestStep { get; private set; }

    private long First { get; set; }

    public void Handle(ushort sequenceNumber, uint timestamp, ReadOnlySpan<byte> payload, MediaNode.Core.Time.Instant now)
    {
        var extended = _highest?.Unwrap(sequenceNumber) ?? new(0x1_0000 + sequenceNumber);
        if (_highest is null)
            (First, LastTimestamp) = (extended.Value, timestamp);
        if (_highest is null || extended > _highest)
        {
            _highest = extended;
            LongestStep = Math.Max(LongestStep, timestamp - LastTimestamp);
            LastTimestamp = timestamp;
        }
        if (Kind == MediaKind.Video)
            Nack.HandlePacket((ulong)extended.Value, now);
        var (number, _) = NumberedSource.ReadStamp(payload, Kind == MediaKind.Video);
        if (!_numbers.Add(number))
            Duplicates++;
        _sequenceNumbers.Add(sequenceNumber);
    }

    public void HandleRetransmission(in RtpPacketView packet, MediaNode.Core.Time.Instant now)
    {
        Retransmissions++;
        var original = System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(packet.Payload);
        Handle(original, packet.Timestamp.Value, packet.Payload[2..], now);
    }
}
