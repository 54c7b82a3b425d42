using MediaNode.Core.Congestion;
using MediaNode.Core.Recovery;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>
/// RTCP with a publisher: what its packets' arrival was like (receiver reports, transport-wide feedback), what is missing (NACK), what it should
/// send less of (REMB), and where a key frame is needed (PLI, FIR).
/// </summary>
internal sealed class PublisherControl(PublisherPeer publisher, EngineContext engine)
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    /// <summary>Packets asked for in one NACK; more wait for the next turn a few milliseconds later.</summary>
    private const int MaximumNackedAtOnce = 64;

    /// <summary>Source of our own feedback. Receivers use 1 by custom; it sends no media that could collide.</summary>
    private static readonly Ssrc Sender = new(1);

    private static readonly byte[] Cname = System.Text.Encoding.ASCII.GetBytes("node");

    /// <summary>Reports that tell of a lifted cap: some may be lost.</summary>
    private const int LiftedReports = 3;

    /// <summary>Told in place of no cap: more than any browser sends, and within the 32 bits that some read it into.</summary>
    private static readonly Bitrate NoCap = Bitrate.FromKilobits(1_000_000);

    private ArrivalRecorder _arrivals = new();
    private readonly CapPolice _police = new();
    private CapLink _capLink;
    private readonly PacketArrival[] _arrivalBuffer = new PacketArrival[ArrivalRecorder.MaximumReported];
    private ExtendedSequenceNumber? _transportSequence;
    private byte _transportSequenceId;
    private Instant _nextReport = Instant.Never;
    private List<PublishedTrack> _tracks = [];
    private bool _isReducedSize;
    private int _liftedReports;

    /// <summary>Most that the client should send.</summary>
    public Bitrate Cap { get; private set; } = Bitrate.Unlimited;

    public Instant NextTimeout => Instant.Min(_nextReport, _arrivals.NextTimeout);

    /// <param name="tracks">What the client sends.</param>
    /// <param name="isReducedSize">It takes feedback that comes without a report before it (RFC 5506).</param>
    public void Configure(List<PublishedTrack> tracks, bool isReducedSize)
    {
        _tracks = tracks;
        (_transportSequenceId, _isReducedSize) = (0, isReducedSize);
        foreach (var track in tracks)
        {
            if (track.Parameters.Extensions.TryGetValue(HeaderExtensionUri.TransportSequenceNumber, out var id))
                _transportSequenceId = id;
        }
    }

    /// <summary>The transport is up: reports begin.</summary>
    public void Start(Instant now)
    {
        _nextReport = now + ReportInterval;
        SendCap();
    }

    /// <summary>The client counts its packets afresh.</summary>
    public void HandleAssociationEnded() => (_arrivals, _transportSequence, _capLink) = (new(), null, default);

    /// <summary>
    /// Tells the client at once, and again with every report. A client that heeds neither that nor the times of its packets' arrival (see <see cref="CapLink"/>) is policed. Browsers take REMB as an upper bound beside their own estimate from transport-wide feedback, and keep the
    /// last one for ever: so a cap that is lifted is told of too.
    /// </summary>
    public void SetCap(Bitrate cap)
    {
        if (cap == Cap)
            return;
        _liftedReports = cap == Bitrate.Unlimited ? LiftedReports : 0;
        Cap = cap;
        if (publisher.IsConnected)
            SendCap();
    }

    /// <summary>Notes when a packet came, for the sender's congestion control.</summary>
    public void HandleArrival(in RtpPacketView packet, Instant now)
    {
        if (_transportSequenceId == 0 || !packet.TryGetExtension(_transportSequenceId, out var value) || value.Length < sizeof(ushort))
            return;
        var number = System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(value);
        // One cycle up, so that a packet that overtook the first one does not fall below zero.
        var sequence = _transportSequence?.Unwrap(number) ?? new(0x1_0000 + number);
        if (_transportSequence is null || sequence > _transportSequence)
            _transportSequence = sequence;
        if (Cap == Bitrate.Unlimited)
            _arrivals.HandlePacket((ulong)sequence.Value, now);
        else if (_capLink.Pass(packet.Packet.Length, Cap, now) is { } arrivedAt)
            _arrivals.HandlePacket((ulong)sequence.Value, arrivedAt, now);
    }

    /// <summary>Tells the client's side when a stream begins or stops to arrive, and when much of it is lost.</summary>
    private void Observe(Instant now)
    {
        foreach (var track in _tracks)
        {
            var isReceiving = false;
            var lost = 0L;
            foreach (var encoding in track.Encodings)
            {
                isReceiving |= encoding.IsReceiving(now);
                var lostSince = encoding.Statistics.TakeLostSinceLast();
                encoding.Tally.Tick(encoding.Statistics, lostSince, now);
                lost += lostSince;
            }
            TellReceiving(track, isReceiving);
            track.Layers.HandleTick(now);
            track.TellWanted(now);
            if (lost >= SlowLink.LeastPackets)
                publisher.Tell(new SlowLink(publisher.Id, track.Kind, track.Mid, Uplink: true, (int)lost));
        }
        _police.Look(_tracks, Cap);
    }

    private void TellReceiving(PublishedTrack track, bool isReceiving)
    {
        if (isReceiving == track.IsReceiving)
            return;
        track.IsReceiving = isReceiving;
        publisher.Tell(new MediaChanged(publisher.Id, track.Kind, track.Mid, isReceiving));
    }

    public void HandleTimeout(Instant now)
    {
        if (now >= _arrivals.NextTimeout)
            SendArrivals();
        if (now >= _nextReport)
        {
            _nextReport = now + ReportInterval;
            Observe(now);
            publisher.HandleSilence(now);
            SendReport(now);
        }
        SendNacks(now);
        SendKeyFrameRequests(now);
    }

    public void Handle(ReadOnlySpan<byte> compound, Instant now)
    {
        if (!RtcpCompoundReader.TryParse(compound, out var packets, out _))
        {
            publisher.Drop(DropReason.RtcpMalformed);
            return;
        }
        foreach (var packet in packets)
        {
            if (SenderReportView.TryParse(packet, out var report, out _) && EncodingOf(report.Sender.Ssrc) is { } encoding)
                encoding.SenderClock = new(report.Sender.NtpTime, report.Sender.RtpTimestamp.Value, now);
            else if (GoodbyeView.TryParse(packet, out var goodbye, out _))
                Handle(goodbye, now);
        }
    }

    public void SendKeyFrameRequests(Instant now)
    {
        foreach (var track in _tracks)
        {
            foreach (var encoding in track.Encodings)
            {
                if (encoding is not { KeyFrames: { } requests, Ssrc: { } ssrc } || !requests.TakeDue(now, encoding.IsReceiving(now)))
                    continue;
                engine.Counters.KeyFrameRequested();
                encoding.Tally.KeyFrameRequests++;
                var buffer = publisher.Reserve();
                var writer = BeginFeedback(buffer);
                if (track.Parameters.IsAskedByFullIntraRequest)
                    writer.WriteFullIntraRequest(Sender, [new(ssrc, requests.SequenceNumber)]);
                else
                    writer.WritePictureLoss(new(Sender, ssrc));
                publisher.SendControl(buffer, writer.Length);
            }
        }
    }

    /// <summary>At most 31 sources. Those of retransmissions, and of nothing that is known, end nothing.</summary>
    private void Handle(GoodbyeView goodbye, Instant now)
    {
        for (var i = 0; i < goodbye.Count; i++)
        {
            if (EncodingOf(goodbye[i]) is not { } encoding || !encoding.IsReceiving(now))
                continue;
            if (!encoding.TryEnd(now))
                publisher.Drop(DropReason.TooMuchFeedback);
            else if (!encoding.Track.Encodings.Exists(other => other.IsReceiving(now)))
                TellReceiving(encoding.Track, false);
        }
    }

    private bool IsCapToBeTold => Cap < Bitrate.Unlimited || _liftedReports > 0;

    private Bitrate ToldCap => Bitrate.Min(Cap, NoCap);

    private Encoding? EncodingOf(Ssrc ssrc)
    {
        foreach (var track in _tracks)
        {
            foreach (var encoding in track.Encodings)
            {
                if (encoding.Ssrc == ssrc)
                    return encoding;
            }
        }
        return null;
    }

    private void SendNacks(Instant now)
    {
        Span<ushort> due = stackalloc ushort[MaximumNackedAtOnce];
        foreach (var track in _tracks)
        {
            foreach (var encoding in track.Encodings)
            {
                if (encoding is not { Nack: { } nack, Ssrc: { } ssrc } || nack.NextTimeout > now)
                    continue;
                nack.RoundTripTime = publisher.Ice.RoundTrip ?? nack.RoundTripTime;
                var count = nack.TakeDue(now, due, out var givenUp);
                if (count > 0)
                {
                    encoding.Tally.Nacked += count;
                    engine.Counters.Nacked(count);
                    var buffer = publisher.Reserve();
                    var writer = BeginFeedback(buffer);
                    writer.WriteNack(new(Sender, ssrc), due[..count]);
                    publisher.SendControl(buffer, writer.Length);
                }
                if (givenUp)
                    publisher.RequestKeyFrame(encoding, now, KeyFrameUrgency.Routine);
            }
        }
    }

    private void SendReport(Instant now)
    {
        Span<ReportBlock> blocks = stackalloc ReportBlock[RtcpWriter.MaximumCount];
        Span<Ssrc> sources = stackalloc Ssrc[RtcpWriter.MaximumCount];
        var count = 0;
        foreach (var track in _tracks)
        {
            foreach (var encoding in track.Encodings)
            {
                if (encoding.Ssrc is not { } ssrc || encoding.Statistics.PacketsReceived == 0 || count == blocks.Length)
                    continue;
                sources[count] = ssrc;
                blocks[count++] = Report(encoding, ssrc, now);
            }
        }
        var buffer = publisher.Reserve();
        var writer = new RtcpWriter(buffer);
        writer.WriteReceiverReport(Sender, blocks[..count]);
        writer.WriteSourceDescription(Sender, Cname);
        if (IsCapToBeTold)
            writer.WriteReceiverBandwidth(Sender, ToldCap, sources[..count]);
        publisher.SendControl(buffer, writer.Length);
        _liftedReports = Math.Max(0, _liftedReports - 1);
    }

    private void SendCap()
    {
        if (!IsCapToBeTold)
            return;
        var buffer = publisher.Reserve();
        var writer = BeginFeedback(buffer);
        writer.WriteReceiverBandwidth(Sender, ToldCap, []);
        publisher.SendControl(buffer, writer.Length);
    }

    /// <summary>Feedback stands alone where that was agreed, else behind a report, which may be empty, and the CNAME (RFC 3550 section 6.1).</summary>
    private RtcpWriter BeginFeedback(Span<byte> buffer)
    {
        var writer = new RtcpWriter(buffer);
        if (_isReducedSize)
            return writer;
        writer.WriteReceiverReport(Sender, []);
        writer.WriteSourceDescription(Sender, Cname);
        return writer;
    }

    private static ReportBlock Report(Encoding encoding, Ssrc ssrc, Instant now)
    {
        var (fraction, lost, jitter) = encoding.Statistics.TakeReport();
        var clock = encoding.SenderClock;
        return new(
            ssrc,
            fraction,
            lost,
            encoding.Statistics.ExtendedHighest,
            jitter,
            clock?.NtpTime.Middle ?? 0,
            clock is { } last ? NtpTime.ToShort(now - last.ReceivedAt) : 0);
    }

    /// <summary>
    /// A source that the client sends from. Chromium ignores feedback on one that it does not know, and its estimate would never rise: the first encoding need not be there yet.
    /// </summary>
    private Ssrc AnySource()
    {
        foreach (var track in _tracks)
        {
            foreach (var encoding in track.Encodings)
            {
                if (encoding.Ssrc is { } ssrc)
                    return ssrc;
            }
        }
        return default;
    }

    private void SendArrivals()
    {
        var count = _arrivals.Read(_arrivalBuffer);
        // Each feedback tells of what fits one datagram; two are enough for any bitrate that a browser sends.
        var media = AnySource();
        var buffer = publisher.Reserve();
        var writer = BeginFeedback(buffer[..TransmitBatch.MaximumControl]);
        // Gaps of more than 8 s do not fit the format: then what is old goes unreported.
        if (count > 0 && writer.TryWriteTransportFeedback(new(Sender, media), _arrivals.FeedbackCount, _arrivalBuffer.AsSpan(0, count)))
            publisher.SendControl(buffer, writer.Length);
        _arrivals.Advance(count);
    }
}
