using System.Buffers.Binary;
using MediaNode.Core.Congestion;
using MediaNode.Core.Forwarding;
using MediaNode.Core.Net;
using MediaNode.Core.Recovery;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;
using MediaNode.TestPeer;

namespace MediaNode.Core.SimulationTests.Network;

/// <summary>How a receiver tells of its path.</summary>
internal enum FeedbackKind
{
    /// <summary>Transport-wide feedback and receiver reports, as browsers do.</summary>
    TransportWide,

    /// <summary>REMB, told by the test, and receiver reports.</summary>
    ReceiverEstimate,

    /// <summary>Receiver reports only.</summary>
    Reports,
}

/// <summary>A subscriber that gives feedback as a browser does, at the exact times, and measures what it gets.</summary>
internal sealed class MeasuringSubscriber : ITimedReceiver
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RepairInterval = TimeSpan.FromMilliseconds(20);

    private readonly Conference _conference;
    private readonly ArrivalRecorder _arrivals = new();
    private readonly PacketArrival[] _arrivalBuffer = new PacketArrival[ArrivalRecorder.MaximumReported];
    private readonly Dictionary<Ssrc, Stream> _streams = [];
    private readonly Dictionary<Ssrc, Stream> _retransmissions = [];
    private readonly byte _transportSequenceId;
    private ExtendedSequenceNumber? _transportSequence;
    private Instant _nextReport;
    private Instant _nextRepair = Instant.Never;

    /// <param name="conference">Where.</param>
    /// <param name="user">Who.</param>
    /// <param name="publishers">Whom it gets.</param>
    /// <param name="feedback">How it tells of its path.</param>
    /// <param name="withRetransmission">Takes RTX.</param>
    /// <param name="link">In front of it from the first datagram on.</param>
    /// <param name="decodes">Decodes video, whose packets then carry a <see cref="FrameStamp"/>, asks for what is missing, and for key frames when that does not help.</param>
    public MeasuringSubscriber(
        Conference conference,
        ulong user,
        IReadOnlyList<ulong> publishers,
        FeedbackKind feedback = FeedbackKind.TransportWide,
        bool withRetransmission = true,
        IPath? link = null,
        bool decodes = false)
    {
        _conference = conference;
        PeerId = conference.NextPeerId();
        Client = conference.CreateClient(out var address);
        Address = address;
        if (link is not null)
            conference.Network.Limit(address, link);
        if (decodes)
            _nextRepair = conference.Now;
        var subscribed = Conference.Value(conference.Engine.Subscribe(
            Conference.RoomId, Conference.Epoch, user, PeerId, [.. publishers.Select(publisher => new StreamWish(publisher, null))], "", conference.Now));
        Conference.Value(conference.Engine.Answer(
            Conference.RoomId, Conference.Epoch, PeerId, Client.AnswerOffer(Narrow(subscribed.SdpOffer!, feedback, withRetransmission), conference.Now), conference.Now));
        foreach (var media in Client.Media)
        {
            var source = media.Sources[0];
            var stream = new Stream(media.Kind, source.Primary) { Decoder = decodes && media.Kind == MediaKind.Video ? new() : null };
            _streams.Add(source.Primary, stream);
            if (source.Retransmission is { } retransmission)
                _retransmissions.Add(retransmission, stream);
            if (feedback == FeedbackKind.TransportWide)
                _transportSequenceId = media.Extensions[HeaderExtensionUri.TransportSequenceNumber];
        }
        _nextReport = conference.Now + ReportInterval;
        conference.Attach(Client, this);
        conference.RunUntil(
            () => conference.Happenings<PeerConnected>().Any(connected => connected.PeerId == PeerId), TimeSpan.FromSeconds(20), $"subscriber {user} connects");
    }

    public ulong PeerId { get; }

    public RtcClient Client { get; }

    public TransportAddress Address { get; }

    public IEnumerable<Stream> Audio => _streams.Values.Where(stream => stream.Kind == MediaKind.Audio);

    public IEnumerable<Stream> Video => _streams.Values.Where(stream => stream.Kind == MediaKind.Video);

    /// <summary>Told with every report when set.</summary>
    public Bitrate? Estimate { get; set; }

    public int ProbePackets { get; private set; }


    public Instant NextTimeout => Client.IsConnected ? Instant.Min(_nextReport, Instant.Min(_nextRepair, _arrivals.NextTimeout)) : Instant.Never;

    public void Receive(Instant now)
    {
        while (Client.TryTakePacket(out var bytes))
        {
            Assert.True(RtpPacketView.TryParse(bytes, out var packet, out _));
            NoteArrival(packet, now);
            if (_streams.TryGetValue(packet.Ssrc, out var stream))
                stream.Handle(packet.SequenceNumber, packet.Payload, bytes.Length, now);
            else if (!_retransmissions.TryGetValue(packet.Ssrc, out stream))
                Assert.Fail($"a packet of source {packet.Ssrc}, which no offer announced");
            else if (packet.Payload.Length > sizeof(ushort))
                stream.Handle(BinaryPrimitives.ReadUInt16BigEndian(packet.Payload), packet.Payload[sizeof(ushort)..], bytes.Length, now);
            else
                ProbePackets++;
        }
        while (Client.TryTakeControl(out _))
        {
        }
    }

    public void HandleTimeout(Instant now)
    {
        if (now >= _arrivals.NextTimeout)
            SendArrivals();
        if (now >= _nextRepair)
        {
            _nextRepair = now + RepairInterval;
            foreach (var stream in Video)
                Repair(stream, now);
        }
        if (now < _nextReport)
            return;
        _nextReport = now + ReportInterval;
        SendReport();
    }

    public void SendControl(ReadOnlySpan<byte> compound) => Client.SendControl(compound);

    private static string Narrow(string offer, FeedbackKind feedback, bool withRetransmission)
    {
        var lines = offer.Split("\r\n").AsEnumerable();
        if (feedback != FeedbackKind.TransportWide)
            lines = lines.Where(line => !line.EndsWith(" transport-cc", StringComparison.Ordinal) && !line.Contains(HeaderExtensionUri.TransportSequenceNumber, StringComparison.Ordinal));
        if (feedback == FeedbackKind.Reports)
            lines = lines.Where(line => !line.EndsWith(" goog-remb", StringComparison.Ordinal));
        if (!withRetransmission)
            lines = lines.Where(line => !line.Contains(" rtx/", StringComparison.Ordinal) && !line.Contains(" apt=", StringComparison.Ordinal) && !line.StartsWith("a=ssrc-group:FID", StringComparison.Ordinal));
        return string.Join("\r\n", lines);
    }

    private void NoteArrival(in RtpPacketView packet, Instant now)
    {
        if (_transportSequenceId == 0)
            return;
        Assert.True(packet.TryGetExtension(_transportSequenceId, out var value), "a packet without a transport-wide number");
        var sequence = _transportSequence?.Unwrap(BinaryPrimitives.ReadUInt16BigEndian(value)) ?? new(0x1_0000 + BinaryPrimitives.ReadUInt16BigEndian(value));
        if (_transportSequence is null || sequence > _transportSequence)
            _transportSequence = sequence;
        _arrivals.HandlePacket((ulong)sequence.Value, now);
    }

    private void Repair(Stream stream, Instant now)
    {
        Span<ushort> due = stackalloc ushort[64];
        var buffer = new byte[512];
        var writer = new RtcpWriter(buffer);
        var count = stream.Nack.TakeDue(now, due, out _);
        if (count > 0)
            writer.WriteNack(new(new(9), stream.Ssrc), due[..count]);
        if (stream.Decoder!.TakeKeyFrameRequest(now))
            writer.WritePictureLoss(new(new(9), stream.Ssrc));
        if (writer.Length > 0)
            Client.SendControl(buffer.AsSpan(0, writer.Length));
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

    private void SendReport()
    {
        var buffer = new byte[TransmitBatch.MaximumControl];
        var writer = new RtcpWriter(buffer);
        writer.WriteReceiverReport(new(9), [.. _streams.Values.Where(stream => stream.Packets > 0).Take(RtcpWriter.MaximumCount).Select(stream => stream.Report())]);
        if (Estimate is { } estimate)
            writer.WriteReceiverBandwidth(new(9), estimate, []);
        Client.SendControl(buffer.AsSpan(0, writer.Length));
    }

    /// <summary>One stream's packets.</summary>
    internal sealed class Stream(MediaKind kind, Ssrc ssrc)
    {
        private readonly HashSet<long> _sequences = [];
        private readonly List<(Instant At, int Bytes)> _received = [];
        private readonly List<(Instant At, double Milliseconds)> _delays = [];
        private ExtendedSequenceNumber? _highest;
        private long _first;

        public MediaKind Kind { get; } = kind;

        public Ssrc Ssrc { get; } = ssrc;

        public StampDecoder? Decoder { get; init; }

        public NackGenerator Nack { get; } = new();

        public int Packets => _sequences.Count;

        /// <summary>Longest time on the way since the last look.</summary>
        public TimeSpan LongestDelay { get; private set; }

        public void Handle(ushort sequenceNumber, ReadOnlySpan<byte> payload, int bytes, Instant now)
        {
            var sequence = _highest?.Unwrap(sequenceNumber) ?? new(0x1_0000 + sequenceNumber);
            if (_highest is null)
                _first = sequence.Value;
            if (_highest is null || sequence > _highest)
                _highest = sequence;
            if (!_sequences.Add(sequence.Value))
                return;
            _received.Add((now, bytes));
            if (Decoder is not null)
            {
                Nack.HandlePacket((ulong)sequence.Value, now);
                Decoder.Handle(payload, now);
                return;
            }
            var (_, sentAt) = NumberedSource.ReadStamp(payload, Kind == MediaKind.Video);
            _delays.Add((now, (now - sentAt).TotalMilliseconds));
            if (now - sentAt > LongestDelay)
                LongestDelay = now - sentAt;
        }

        /// <summary>Kilobits per second between two moments.</summary>
        public double Rate(Instant from, Instant to) =>
            _received.Where(packet => packet.At >= from && packet.At < to).Sum(packet => packet.Bytes) * 8 / (to - from).TotalSeconds / 1000;

        /// <summary>Packets between two moments.</summary>
        public int Count(Instant from, Instant to) => _received.Count(packet => packet.At >= from && packet.At < to);

        /// <summary>Milliseconds on the way, of packets since a moment.</summary>
        public double DelayPercentile(double share, Instant from)
        {
            var delays = _delays.Where(delay => delay.At >= from).Select(delay => delay.Milliseconds).Order().ToList();
            return delays.Count == 0 ? 0 : delays[(int)((delays.Count - 1) * share)];
        }

        public void ForgetDelay() => LongestDelay = default;

        public ReportBlock Report() =>
            new(Ssrc, 0, (int)(_highest!.Value.Value - _first + 1 - _sequences.Count), (uint)_highest.Value.Value, 0, 0, 0);
    }
}
