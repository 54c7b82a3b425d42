using System.Buffers.Binary;
using MediaNode.Core.Congestion;
using MediaNode.Core.Forwarding;
using MediaNode.Core.Net;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.SimulationTests.Network;
using MediaNode.Core.Time;

namespace MediaNode.Core.SimulationTests.Scenarios;

/// <summary>Watches several publishers on one PeerConnection, gives all the feedback that browsers give, and checks every packet.</summary>
internal sealed class Viewer : ITimedReceiver
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    private readonly Conference _conference;
    private readonly PersonPlan _plan;
    private readonly ArrivalRecorder _arrivals = new();
    private readonly PacketArrival[] _arrivalBuffer = new PacketArrival[ArrivalRecorder.MaximumReported];
    private readonly Dictionary<Ssrc, ViewedStream> _streams = [];
    private readonly Dictionary<Ssrc, ViewedStream> _retransmissions = [];
    private byte _transportSequenceId;
    private ExtendedSequenceNumber? _transportSequence;
    private Instant _nextReport;

    public Viewer(Conference conference, PersonPlan plan, IReadOnlyList<SimulatedPublisher> publishers)
    {
        (_conference, _plan) = (conference, plan);
        PeerId = conference.NextPeerId();
        Client = conference.CreateClient(out var address);
        Address = address;
        CreatedAt = conference.Now;
        _nextReport = conference.Now + ReportInterval;
        Watched = [.. publishers];
        Negotiate(Conference.Value(conference.Engine.Subscribe(plan.Room, Conference.Epoch, plan.User, PeerId, Wishes(publishers), "", conference.Now)));
        conference.Attach(Client, this);
    }

    public ulong PeerId { get; }

    public RtcClient Client { get; }

    public TransportAddress Address { get; set; }

    public List<SimulatedPublisher> Watched { get; }

    public IEnumerable<ViewedStream> Streams => _streams.Values;

    public Instant CreatedAt { get; }

    /// <summary>When media could begin to flow.</summary>
    public Instant ConnectedAt { get; private set; } = Instant.Never;

    public Instant NextTimeout => Client.IsConnected
        ? _streams.Values.Aggregate(Instant.Min(_nextReport, _arrivals.NextTimeout), (next, stream) => Instant.Min(next, stream.Nack.NextTimeout))
        : Instant.Never;

    public void WatchAlso(IReadOnlyList<SimulatedPublisher> publishers)
    {
        Watched.AddRange(publishers);
        Negotiate(Conference.Value(_conference.Engine.UpdateSubscription(_plan.Room, Conference.Epoch, PeerId, Wishes(publishers), [], restartsIce: false, _conference.Now)));
    }

    public void RestartIce() =>
        Negotiate(Conference.Value(_conference.Engine.UpdateSubscription(_plan.Room, Conference.Epoch, PeerId, [], [], restartsIce: true, _conference.Now)));

    public void Send(bool isOn) => Conference.Value(_conference.Engine.Configure(
        _plan.Room, Conference.Epoch, PeerId, new([new DownTrackConfiguration("", isOn, null)], null, false), _conference.Now));

    public void Receive(Instant now)
    {
        if (ConnectedAt == Instant.Never && Client.IsConnected)
            ConnectedAt = now;
        while (Client.TryTakePacket(out var bytes))
        {
            Assert.True(RtpPacketView.TryParse(bytes, out var packet, out var failure), failure.ToString());
            NoteArrival(packet, now);
            if (_streams.TryGetValue(packet.Ssrc, out var stream))
                stream.Handle(packet.SequenceNumber, packet.Timestamp.Value, packet.Payload, now);
            else if (!_retransmissions.TryGetValue(packet.Ssrc, out stream))
                Assert.Fail($"a packet of source {packet.Ssrc}, which no offer announced");
            else if (packet.Payload.Length > sizeof(ushort))
                stream.Handle(BinaryPrimitives.ReadUInt16BigEndian(packet.Payload), packet.Timestamp.Value, packet.Payload[sizeof(ushort)..], now);
        }
        while (Client.TryTakeControl(out var compound))
            ControlCheck.AssertWellFormed(compound);
    }

    public void HandleTimeout(Instant now)
    {
        if (now >= _arrivals.NextTimeout)
            SendArrivals();
        foreach (var stream in _streams.Values)
        {
            if (now >= stream.Nack.NextTimeout)
                SendNack(stream, now);
        }
        if (now < _nextReport)
            return;
        _nextReport = now + ReportInterval;
        SendReport();
    }

    private static List<StreamWish> Wishes(IEnumerable<SimulatedPublisher> publishers) => [.. publishers.Select(publisher => new StreamWish(publisher.User, null))];

    private void Negotiate(Subscribed subscribed)
    {
        var offer = subscribed.SdpOffer!;
        // Without its rtpmap, a payload type is one that this client does not know.
        if (!_plan.AcceptsRtx)
            offer = string.Join("\r\n", offer.Split("\r\n").Where(line => !line.Contains(" rtx/90000", StringComparison.Ordinal) && !line.Contains("apt=", StringComparison.Ordinal)));
        var answer = Client.AnswerOffer(offer, _conference.Now);
        Conference.Value(_conference.Engine.Answer(_plan.Room, Conference.Epoch, PeerId, answer, _conference.Now));
        foreach (var media in Client.Media)
        {
            var publisher = subscribed.Streams[media.Index].PublisherId;
            var source = media.Sources[0];
            if (publisher == 0 || _streams.ContainsKey(source.Primary))
                continue;
            var origin = Watched.Last(watched => watched.User == publisher);
            var stream = new ViewedStream(media.Kind, source.Primary, publisher, media.Kind == MediaKind.Audio ? origin.Audio.Origin : origin.Video.Origin);
            _streams.Add(source.Primary, stream);
            if (source.Retransmission is { } retransmission)
                _retransmissions.Add(retransmission, stream);
            _transportSequenceId = media.Extensions[HeaderExtensionUri.TransportSequenceNumber];
        }
    }

    private void NoteArrival(in RtpPacketView packet, Instant now)
    {
        Assert.True(packet.TryGetExtension(_transportSequenceId, out var value), "a packet without a transport-wide number");
        var sequence = _transportSequence?.Unwrap(BinaryPrimitives.ReadUInt16BigEndian(value)) ?? new(0x1_0000 + BinaryPrimitives.ReadUInt16BigEndian(value));
        if (_transportSequence is null || sequence > _transportSequence)
            _transportSequence = sequence;
        _arrivals.HandlePacket((ulong)sequence.Value, now);
    }

    private void SendArrivals()
    {
        var count = _arrivals.Read(_arrivalBuffer);
        var buffer = new byte[TransmitBatch.MaximumControl];
        var writer = new RtcpWriter(buffer);
        if (count > 0 && writer.TryWriteTransportFeedback(new(new(9), default), _arrivals.FeedbackCount, _arrivalBuffer.AsSpan(0, count)))
            Client.SendControl(buffer.AsSpan(0, writer.Length));
        _arrivals.Advance(count);
    }

    private void SendNack(ViewedStream stream, Instant now)
    {
        Span<ushort> due = stackalloc ushort[64];
        Span<byte> buffer = stackalloc byte[512];
        var count = stream.Nack.TakeDue(now, due, out var isGivenUp);
        var writer = new RtcpWriter(buffer);
        if (count > 0)
            writer.WriteNack(new(new(9), stream.Ssrc), due[..count]);
        if (isGivenUp)
            writer.WritePictureLoss(new(new(9), stream.Ssrc));
        if (writer.Length > 0)
            Client.SendControl(buffer[..writer.Length]);
    }

    private void SendReport()
    {
        var buffer = new byte[TransmitBatch.MaximumControl];
        var writer = new RtcpWriter(buffer);
        writer.WriteReceiverReport(new(9), [.. _streams.Values.Where(stream => stream.Count > 0).Take(RtcpWriter.MaximumCount).Select(stream => stream.Report())]);
        Client.SendControl(buffer.AsSpan(0, writer.Length));
    }
}
