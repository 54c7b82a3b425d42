using System.Buffers.Binary;
using LoadGenerator.Measuring;
using LoadGenerator.Media;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.Sdp;
using MediaNode.Core.Srtp;
using MediaNode.Core.Time;

namespace LoadGenerator.Peers;

/// <summary>Receives one publisher, or many on one PeerConnection, checks every packet off, and gives a browser's feedback.</summary>
internal sealed class SubscriberPeer(PeerContext context, double phase) : LoadPeer(context)
{
    /// <summary>A browser that cannot decode asks at about this rate.</summary>
    private static readonly TimeSpan KeyFrameRequestInterval = TimeSpan.FromMilliseconds(300);

    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    /// <summary>SSRC that feedback comes from; no stream is sent, so it need not be told in SDP.</summary>
    private static readonly Ssrc OwnSource = new(1);

    private readonly Dictionary<uint, ReceivedStream> _sources = [];
    private readonly Dictionary<uint, ReceivedStream> _retransmissionSources = [];
    private readonly List<ReceivedStream> _streams = [];
    private readonly byte[] _compound = new byte[1500];
    private readonly ArrivalLog _arrivals = new();
    private byte _transportSequenceId;
    private Instant _nextReport = Instant.Never;
    private Instant _nextKeyFrameRequest = Instant.Never;
    private Instant _nextNack = Instant.Never;
    private bool _hasTransport;

    public IReadOnlyList<ReceivedStream> Streams => _streams;

    /// <summary>When the server's first offer was there; never before.</summary>
    public Instant OfferedAt { get; private set; } = Instant.Never;

    /// <summary>When the keys were agreed; never before.</summary>
    public Instant SecuredAt { get; private set; } = Instant.Never;

    /// <summary>When the first packet of media came; never before.</summary>
    public Instant FirstPacketAt { get; private set; } = Instant.Never;

    public Instant FirstKeyFrameAt { get; private set; } = Instant.Never;

    protected override Instant NextMediaTimeout =>
        Instant.Min(Instant.Min(_nextReport, _nextKeyFrameRequest), Instant.Min(_nextNack, _arrivals.NextTimeout));

    /// <summary>Answers an offer; a later one adds streams.</summary>
    /// <param name="sdp">The server's offer.</param>
    /// <param name="sourceOf">The publisher's stream that an m-line carries, by mid and kind; null when that publisher is unknown.</param>
    public string Answer(string sdp, Func<Mid, MediaKind, SentStream?> sourceOf, Instant now)
    {
        OfferedAt = Instant.Min(OfferedAt, now);
        if (!Context.Options.TransportFeedback)
            sdp = TransportFeedbackRemoval.Apply(sdp);
        if (!OfferAnswer.TryAnswerAsClient(Parse(sdp), Local, out var answer, out var failure))
            throw new InvalidOperationException($"the offer is unusable: {failure}\n{sdp}");
        foreach (var media in answer.Media)
        {
            if (media.Kind != MediaKind.Data && sourceOf(media.Mid, media.Kind) is { } source)
                Expect(media, source);
        }
        if (!_hasTransport)
            Start(answer.Remote, answer.LocalRole, isOfferer: false, now);
        _hasTransport = true;
        return answer.Description.ToString();
    }

    public override void CompleteReceive(Instant now)
    {
        if (IsConnected && now >= _nextNack)
            RequestLost(now);
    }

    protected override void HandleConnected(Instant now)
    {
        SecuredAt = now;
        _nextReport = now + ReportInterval * phase;
        _nextKeyFrameRequest = now + KeyFrameRequestInterval;
    }

    protected override void HandleRtp(Span<byte> packet, Instant now)
    {
        if (Context.Options.LossPercent > 0 && Context.Chance.NextDouble() * 100 < Context.Options.LossPercent)
        {
            Context.Tally.LossesSimulated++;
            return;
        }
        Context.Tally.PacketsReceived++;
        Context.Tally.BytesReceived += packet.Length;
        if (!RtpPacketView.TryParseProtected(packet, out var view, out _))
        {
            Context.Tally.Unknown++;
            return;
        }
        if (_transportSequenceId != 0 && view.TryGetExtension(_transportSequenceId, out var number) && number.Length == 2)
            _arrivals.HandlePacket(BinaryPrimitives.ReadUInt16BigEndian(number), now);
        if (_sources.TryGetValue(view.Ssrc.Value, out var stream))
            HandleMedia(stream, packet, view, now);
        else if (_retransmissionSources.TryGetValue(view.Ssrc.Value, out stream))
            HandleRetransmission(stream, packet, now);
        else
            Context.Tally.Unknown++;
    }

    protected override void HandleControl(ReadOnlySpan<byte> compound, Instant now)
    {
        if (!RtcpCompoundReader.TryParse(compound, out var packets, out _))
            return;
        foreach (var packet in packets)
        {
            if (SenderReportView.TryParse(packet, out var report, out _) && _sources.TryGetValue(report.Sender.Ssrc.Value, out var stream))
                stream.HandleSenderReport(report.Sender.NtpTime, now);
        }
    }

    protected override void HandleMediaTimeout(Instant now)
    {
        if (now >= _nextReport)
        {
            _nextReport = now + ReportInterval;
            Report(now);
        }
        if (now >= _nextKeyFrameRequest)
        {
            _nextKeyFrameRequest = now + KeyFrameRequestInterval;
            RequestKeyFrames(now);
        }
        if (now >= _nextNack)
            RequestLost(now);
        if (now >= _arrivals.NextTimeout)
            SendTransportFeedback();
    }

    private void Expect(NegotiatedMedia media, SentStream source)
    {
        if (media.Sources.IsEmpty)
            throw new InvalidOperationException($"the offer announces no SSRC for mid {media.Mid}");
        if (media.Extensions.TryGetValue(HeaderExtensionUri.TransportSequenceNumber, out var id))
            _transportSequenceId = id;
        var pair = media.Sources[0];
        if (_sources.ContainsKey(pair.Primary.Value))
            return;
        var stream = new ReceivedStream(pair.Primary, source, media.Codec!.ClockRate, media.Codec.Feedback.Contains("nack"));
        _streams.Add(stream);
        _sources.Add(pair.Primary.Value, stream);
        if (pair.Retransmission is { } retransmission)
            _retransmissionSources.Add(retransmission.Value, stream);
    }

    private void HandleMedia(ReceivedStream stream, Span<byte> packet, in RtpPacketView view, Instant now)
    {
        var sequence = stream.Gaps.Unwrap(view.SequenceNumber);
        var timestamp = view.Timestamp.Value;
        var headerLength = view.HeaderLength;
        if (stream.Offset is { } offset && stream.HasKeyFrame == stream.Source.IsVideo && ++stream.SkippedSinceDecrypted < Context.Options.VerifyEvery)
        {
            stream.HandlePacket(sequence, timestamp, now);
            stream.CheckOff.Mark(sequence - offset);
            AfterGap(stream);
            return;
        }
        if (!TryDecrypt(packet, out var length))
            return;
        stream.SkippedSinceDecrypted = 0;
        stream.HandlePacket(sequence, timestamp, now);
        AfterGap(stream);
        if (TryReadPayload(stream, packet[..length], headerLength, out var payload))
            CheckOff(stream, payload, sequence, now);
    }

    /// <summary>RFC 4588 section 4: the payload begins with the number of the packet that is repeated.</summary>
    private void HandleRetransmission(ReceivedStream stream, Span<byte> packet, Instant now)
    {
        if (!TryDecrypt(packet, out var length))
            return;
        if (!RtpPacketView.TryParse(packet[..length], out var view, out _) || view.Payload.Length < 2)
        {
            Context.Tally.Padding++;
            return;
        }
        Context.Tally.Retransmissions++;
        var sequence = stream.Gaps.Unwrap(BinaryPrimitives.ReadUInt16BigEndian(view.Payload));
        stream.HandleRetransmission(sequence, now);
        CheckOff(stream, view.Payload[2..], sequence, now);
    }

    private bool TryDecrypt(Span<byte> packet, out int length)
    {
        if (Receiver!.TryUnprotectRtp(packet, out length, out _, out var failure))
        {
            Context.Tally.Decrypted++;
            return true;
        }
        if (failure is SrtpFailure.Replayed or SrtpFailure.TooOld)
            Context.Tally.Replayed++;
        else
            Context.Tally.Unauthentic++;
        return false;
    }

    /// <returns>False for a packet of padding only.</returns>
    private bool TryReadPayload(ReceivedStream stream, ReadOnlySpan<byte> packet, int headerLength, out ReadOnlySpan<byte> payload)
    {
        payload = packet[headerLength..];
        if (payload.IsEmpty || (packet[0] & 0x20) != 0)
        {
            Context.Tally.Padding++;
            return false;
        }
        return true;
    }

    private void CheckOff(ReceivedStream stream, ReadOnlySpan<byte> payload, long sequence, Instant now)
    {
        if (!PacketStamp.TryRead(payload, stream.Source.IsVideo, out var stamp) || stamp.Stream != stream.Source.Number || stamp.Number >= stream.Source.NextNumber)
        {
            Context.Tally.Unknown++;
            return;
        }
        if (stream.Offset is { } offset && offset != sequence - stamp.Number)
            Context.Tally.Renumberings++;
        stream.Offset = sequence - stamp.Number;
        FirstPacketAt = Instant.Min(FirstPacketAt, now);
        if (stream.Source.IsVideo && PayloadPattern.StartsKeyFrame(payload))
        {
            stream.HasKeyFrame = true;
            stream.WantsKeyFrame = false;
            FirstKeyFrameAt = Instant.Min(FirstKeyFrameAt, now);
        }
        if (stream.CheckOff.Mark(stamp.Number) == CheckResult.New)
            Context.Latency.Record(now - stamp.SentAt);
    }

    private void AfterGap(ReceivedStream stream)
    {
        if (stream.AnswersLossWithNack)
            _nextNack = Instant.Min(_nextNack, stream.Gaps.NextTimeout);
        if (!stream.Gaps.HasGivenUp)
            return;
        stream.Gaps.HasGivenUp = false;
        stream.WantsKeyFrame = true;
    }

    /// <summary>NACKs go out alone and not behind a report: some servers credit them to the stream that the report began with.</summary>
    private void RequestLost(Instant now)
    {
        _nextNack = Instant.Never;
        Span<ushort> lost = stackalloc ushort[GapTracker.Capacity];
        foreach (var stream in _streams)
        {
            if (!stream.AnswersLossWithNack)
                continue;
            var count = stream.Gaps.NextTimeout <= now ? stream.Gaps.TakeDue(now, lost) : 0;
            if (count > 0)
            {
                var writer = new RtcpWriter(_compound);
                writer.WriteNack(new(OwnSource, stream.Ssrc), lost[..count]);
                SendControl(_compound.AsSpan(0, writer.Length));
                Context.Tally.NacksSent++;
                Context.Tally.NackedPackets += count;
            }
            AfterGap(stream);
        }
    }

    private void RequestKeyFrames(Instant now)
    {
        foreach (var stream in _streams)
        {
            if (!stream.Source.IsVideo || !stream.WantsKeyFrame)
                continue;
            // Behind a report on the same stream, by which Janus finds out whose picture is lost; alone, it takes the request for the audio's.
            var block = stream.Report(Context.Options.ReportedRoundTrip, now);
            var writer = new RtcpWriter(_compound);
            writer.WriteReceiverReport(OwnSource, new ReadOnlySpan<ReportBlock>(in block));
            writer.WritePictureLoss(new(OwnSource, stream.Ssrc));
            SendControl(_compound.AsSpan(0, writer.Length));
            Context.Tally.KeyFrameRequestsSent++;
        }
    }

    /// <summary>
    /// One compound per stream: in browsers each stream's receiver reports for itself. Janus credits a whole compound to the stream of its first block,
    /// so with all in one it would know the round-trip time of one stream only, and resend nothing on the others.
    /// </summary>
    private void Report(Instant now)
    {
        foreach (var stream in _streams)
        {
            if (!stream.HasPacket)
                continue;
            var block = stream.Report(Context.Options.ReportedRoundTrip, now);
            var writer = new RtcpWriter(_compound);
            writer.WriteReceiverReport(OwnSource, new ReadOnlySpan<ReportBlock>(in block));
            writer.WriteSourceDescription(OwnSource, "load"u8);
            SendControl(_compound.AsSpan(0, writer.Length));
        }
    }

    private void SendTransportFeedback()
    {
        var arrivals = _arrivals.Take();
        if (arrivals.IsEmpty || _streams.Count == 0)
            return;
        var writer = new RtcpWriter(_compound);
        if (!writer.TryWriteTransportFeedback(new(OwnSource, _streams[0].Ssrc), _arrivals.Count, arrivals))
            return;
        SendControl(_compound.AsSpan(0, writer.Length));
        Context.Tally.TransportFeedbackSent++;
    }
}
