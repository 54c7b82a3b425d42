using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>
/// One published track on its way to one subscriber: chooses the encoding, and gives the packets the numbers, payload type, source and
/// extension ids that the subscriber was told. Sequence numbers and timestamps go on without a break when the encoding changes.
/// </summary>
internal sealed class DownTrack
{
    /// <summary>Timestamp distance put between two encodings when nothing is known about their clocks: one frame at 30 frames a second.</summary>
    private const uint FrameTicks = 3000;

    private readonly SubscriberPeer _subscriber;
    private SentPackets? _sent;

    private Encoding? _current;
    private ulong _sequenceOffset;
    private uint _timestampOffset;
    private ulong _firstIncoming;
    private ulong _lastOutgoing;
    private uint _lastTimestamp;
    private Instant _lastSentAt;
    private ulong _rtxSequence;
    private ReportedReception _reception;

    public DownTrack(SubscriberPeer subscriber, PublishedTrack source, DownTrackParameters parameters, uint firstSequence)
    {
        _subscriber = subscriber;
        Source = source;
        Parameters = parameters;
        _lastOutgoing = firstSequence;
        _rtxSequence = firstSequence;
        OfferedRtxSsrc = parameters.RtxSsrc;
    }

    public PublishedTrack Source { get; }

    public DownTrackParameters Parameters { get; private set; }

    public bool NackNegotiated => _sent is not null;

    /// <summary>Sent at all; false while the subscriber paused it.</summary>
    public bool IsPaused { get; set; }

    /// <summary>The subscriber's answer took the m-line; before, and when it refused, nothing is sent.</summary>
    public bool IsAccepted { get; set; }

    /// <summary>Source of retransmissions as offered; the parameters have it only when the subscriber accepted RTX.</summary>
    public Ssrc? OfferedRtxSsrc { get; }

    /// <summary>Highest simulcast layer that the subscriber wants.</summary>
    public byte WantedEncoding { get; private set; } = byte.MaxValue;

    public long PacketsSent { get; private set; }

    public long BytesSent { get; private set; }

    public long PacketsResent { get; private set; }

    /// <summary>Encoding that goes out now; null before the first packet (for video: the first key frame).</summary>
    public Encoding? Current => _current;

    /// <summary>The subscriber's timestamps are the publisher's plus this.</summary>
    public uint TimestampOffset => _timestampOffset;

    /// <summary>What the subscriber's answer made of the offer.</summary>
    public void Accept(DownTrackParameters parameters)
    {
        Parameters = parameters;
        if (!parameters.NackNegotiated || _sent is not null)
            return;
        _sent = new();
    }

    /// <summary>What the subscriber's receiver reports say.</summary>
    public ref ReportedReception Reception => ref _reception;

    /// <summary>The last sender report as its receiver quotes it, and when it left: the round-trip time follows.</summary>
    public (uint Quoted, Instant SentAt) LastReport { get; set; }

    /// <summary>Audio and video of one publisher have the same, and are played in sync (RFC 3550 section 6.5.1).</summary>
    public ReadOnlySpan<byte> Cname => Source.Publisher.Cname;

    /// <summary>What a sender report says now; null while nothing was sent, or the publisher's clock is unknown.</summary>
    public SenderInfo? SenderInfo(Instant now)
    {
        if (_current?.SenderClock is not { } clock || PacketsSent == 0)
            return null;
        var elapsed = now - clock.ReceivedAt;
        return new(
            Parameters.Ssrc,
            clock.NtpTime + elapsed,
            new(clock.Timestamp + _timestampOffset + (uint)(elapsed.TotalSeconds * Source.ClockRate)),
            (uint)PacketsSent,
            (uint)BytesSent);
    }

    public void Want(byte encoding, Instant now)
    {
        WantedEncoding = encoding;
        if (Source.Kind == MediaKind.Video && Source.Best(encoding, now) is { } best && best != _current)
            Source.Publisher.RequestKeyFrame(best, now, urgent: true);
    }

    public void Forward(Encoding encoding, scoped in RtpPacketView packet, ulong sequence, bool isKeyFrame, Instant now)
    {
        if (IsPaused || !IsAccepted)
        {
            _subscriber.Drop(DropReason.Paused);
            return;
        }
        if (!_subscriber.IsConnected)
        {
            _subscriber.Drop(DropReason.NotConnected);
            return;
        }
        if (encoding != _current)
        {
            if (!TrySwitch(encoding, packet, sequence, isKeyFrame, now))
                return;
            Send(encoding, packet, sequence, now);
            SendOvertaken(encoding, sequence, now);
            return;
        }
        if (sequence < _firstIncoming)
        {
            _subscriber.Drop(DropReason.WaitingForKeyFrame);
            return;
        }
        Send(encoding, packet, sequence, now);
    }

    private void Send(Encoding encoding, scoped in RtpPacketView packet, ulong sequence, Instant now)
    {
        var outgoing = sequence + _sequenceOffset;
        var stamp = _subscriber.Downlink.Stamp(Parameters, now);
        if (!_subscriber.TrySend(packet, Rewrite(packet, Parameters.PayloadType, Parameters.Ssrc, outgoing, _timestampOffset, stamp), Parameters.Extensions, outgoing, out var length))
            return;
        _subscriber.Downlink.HandleSent(Parameters, length, now);
        _sent?.Add(outgoing, sequence, encoding.Index, _timestampOffset, stamp);
        if (outgoing > _lastOutgoing)
        {
            _lastOutgoing = outgoing;
            _lastTimestamp = packet.Timestamp.Value + _timestampOffset;
        }
        _lastSentAt = now;
        PacketsSent++;
        BytesSent += length;
    }

    /// <summary>Sends a packet again that the subscriber misses: on the RTX stream (RFC 4588) if there is one.</summary>
    public void Resend(ushort sequenceNumber, Instant now)
    {
        if (_sent is null || _current is null)
            return;
        if (!_sent.TryTakeForResend(sequenceNumber, _lastOutgoing, now.Milliseconds, out var entry, out var tooOften))
        {
            _subscriber.Drop(tooOften ? DropReason.NackTooOften : DropReason.NackNotInHistory);
            return;
        }
        var encoding = Source.Encodings[entry.Encoding];
        if (encoding.History is null || !encoding.History.TryGet(entry.Incoming, out var stored)
            || !RtpPacketView.TryParse(stored, out var packet, out _))
        {
            _subscriber.Drop(DropReason.NackNotInHistory);
            return;
        }
        if (Parameters is { RtxPayloadType: { } rtxPayloadType, RtxSsrc: { } rtxSsrc })
        {
            var stamp = _subscriber.Downlink.Stamp(Parameters, now);
            var rewrite = Rewrite(packet, rtxPayloadType, rtxSsrc, ++_rtxSequence, entry.TimestampOffset, stamp);
            if (!_subscriber.TrySendRetransmission(packet, rewrite, Parameters.Extensions, sequenceNumber, _rtxSequence, out var length))
                return;
            _subscriber.Downlink.HandleSent(Parameters, length, now);
        }
        else
        {
            // The same index is encrypted again, so every byte must be what it was: the header's values depend on the entry alone.
            var rewrite = Rewrite(packet, Parameters.PayloadType, Parameters.Ssrc, entry.Outgoing, entry.TimestampOffset, entry.Stamp);
            if (!_subscriber.TrySend(packet, rewrite, Parameters.Extensions, entry.Outgoing, out _))
                return;
        }
        PacketsResent++;
    }

    /// <summary>The publisher, or its stream, is gone.</summary>
    public void Forget() => _subscriber.Forget(this);

    public void RequestKeyFrame(Instant now)
    {
        if ((_current ?? Source.Best(WantedEncoding, now)) is { } encoding)
            Source.Publisher.RequestKeyFrame(encoding, now, urgent: _current is null);
    }

    private RtpHeaderRewrite Rewrite(
        scoped in RtpPacketView packet, PayloadType payloadType, Ssrc ssrc, ulong outgoing, uint timestampOffset, HopStamp stamp)
    {
        return new()
        {
            PayloadType = payloadType,
            SequenceNumber = (ushort)outgoing,
            Timestamp = packet.Timestamp + timestampOffset,
            Ssrc = ssrc,
            Marker = packet.Marker,
            AbsSendTimeExtensionId = Parameters.AbsSendTimeId,
            AbsSendTime = stamp.AbsSendTime,
            TransportSequenceNumberExtensionId = Parameters.TransportSequenceId,
            TransportSequenceNumber = stamp.TransportSequenceNumber,
        };
    }

    /// <summary>Packets of the key frame that came before its first one: they were held back, and nobody would ask for them.</summary>
    private void SendOvertaken(Encoding encoding, ulong first, Instant now)
    {
        if (encoding.History is null)
            return;
        for (var sequence = first + 1; sequence <= encoding.Highest; sequence++)
        {
            if (!Source.IsStillToCome(encoding, sequence) && encoding.History.TryGet(sequence, out var stored) && RtpPacketView.TryParse(stored, out var packet, out _))
                Send(encoding, packet, sequence, now);
        }
    }

    /// <summary>Changes to another encoding, which for video can only be done with a key frame.</summary>
    private bool TrySwitch(Encoding encoding, scoped in RtpPacketView packet, ulong sequence, bool isKeyFrame, Instant now)
    {
        if (encoding != Source.Best(WantedEncoding, now))
        {
            _subscriber.Drop(DropReason.OtherLayer);
            return false;
        }
        if (Source.Kind == MediaKind.Video && !isKeyFrame)
        {
            _subscriber.Drop(DropReason.WaitingForKeyFrame);
            Source.Publisher.RequestKeyFrame(encoding, now, urgent: true);
            return false;
        }
        var continues = _current is not null;
        _sequenceOffset = _lastOutgoing + 1 - sequence;
        _firstIncoming = sequence;
        _timestampOffset = continues ? ContinuedTimestamp(encoding, now) - packet.Timestamp.Value : 0;
        _current = encoding;
        return true;
    }

    /// <summary>What the subscriber's clock says now: the last timestamp plus the time since, and always later than the last frame.</summary>
    private uint ContinuedTimestamp(Encoding encoding, Instant now)
    {
        var elapsed = (uint)((now - _lastSentAt).TotalSeconds * encoding.Track.ClockRate);
        return _lastTimestamp + Math.Max(elapsed, FrameTicks);
    }
}

/// <summary>What the subscriber was told about a track.</summary>
/// <param name="Mid">Of the subscriber's m-line.</param>
/// <param name="Ssrc">Source of the packets.</param>
/// <param name="RtxSsrc">Source of retransmissions; null when the subscriber did not accept RTX.</param>
/// <param name="PayloadType">Of the codec.</param>
/// <param name="RtxPayloadType">Of retransmissions.</param>
/// <param name="NackNegotiated">The subscriber may ask for packets again.</param>
/// <param name="Extensions">Incoming ids to the subscriber's ids.</param>
/// <param name="TransportSequenceId">Id of the transport-wide sequence number; 0 when the subscriber sends no feedback on it.</param>
/// <param name="AbsSendTimeId">Id of abs-send-time, for subscribers that estimate themselves (REMB); 0 beside transport-wide numbers, which tell more.</param>
internal sealed record DownTrackParameters(
    Mid Mid,
    Ssrc Ssrc,
    Ssrc? RtxSsrc,
    PayloadType PayloadType,
    PayloadType? RtxPayloadType,
    bool NackNegotiated,
    HeaderExtensionMap Extensions,
    byte TransportSequenceId = 0,
    byte AbsSendTimeId = 0);
