using MediaNode.Core.Entropy;
using MediaNode.Core.Time;

namespace MediaNode.Core.Sctp;

/// <summary>
/// One SCTP association over DTLS (RFC 9260, RFC 8261) as a machine without I/O: packets and the time go in, packets and events come out. Both sides
/// may begin at once, as WebRTC has it. After every call drain <see cref="TryTakeTransmit"/> and <see cref="TryTakeEvent"/>, and read <see cref="NextTimeout"/>.
/// A restart (RFC 9260 section 5.2.4, action A) is not accepted: a peer that lost its state has lost its DTLS connection too.
/// </summary>
internal sealed partial class Association
{
    private readonly AssociationPorts _ports;
    private readonly IEntropy _entropy;
    private readonly uint _localTag;
    private readonly Tsn _localInitialTsn;
    private readonly byte[] _cookieKey = new byte[StateCookie.KeyBytes];
    private readonly ControlChunks _control = new();
    private readonly Queue<AssociationEvent> _events = new();
    private readonly RetransmissionTimeout _timeout = new();
    private readonly Heartbeats _heartbeats;
    private readonly Sender _sender;
    private Receiver? _receiver;
    private StreamResets? _resets;
    private PeerParameters _peer;
    private byte[] _cookieEcho = [];
    private Instant _handshakeDeadline = Instant.Never;
    private int _retries;

    public Association(AssociationPorts ports, IEntropy entropy)
    {
        _ports = ports;
        _entropy = entropy;
        do
            _localTag = entropy.UInt32();
        while (_localTag == 0);
        _localInitialTsn = new(entropy.UInt32());
        entropy.Fill(_cookieKey);
        _heartbeats = new(entropy, _timeout);
        _sender = new(_timeout);
    }

    public AssociationState State { get; private set; } = AssociationState.Closed;

    /// <summary>Why it ended: "aborted" by the peer, "lost", "shutdown", "protocol-violation", or what <see cref="Abort"/> was told. Empty before.</summary>
    public string EndReason { get; private set; } = "";

    public int BufferedBytes => _sender.BufferedBytes;

    /// <summary>Messages that were given up after they were accepted for sending.</summary>
    public long AbandonedMessages => _sender.Abandoned;

    /// <summary>DATA on streams that were not agreed.</summary>
    public long InvalidStreamChunks { get; private set; }

    public int StreamsToPeer => Math.Min(_peer.InboundStreams, (ushort)SctpLimits.Streams);

    public Instant NextTimeout
    {
        get
        {
            var next = Instant.Min(_handshakeDeadline, Instant.Min(_sender.Deadline, _heartbeats.Deadline));
            return Instant.Min(next, Instant.Min(_receiver?.Deadline ?? Instant.Never, _resets?.Deadline ?? Instant.Never));
        }
    }

    private bool IsReceiving => State is AssociationState.Established or AssociationState.ShutdownPending or AssociationState.ShutdownSent;

    private bool IsSending => State is AssociationState.Established or AssociationState.ShutdownPending or AssociationState.ShutdownReceived;

    /// <summary>Begins from this side: sends INIT.</summary>
    public void Start(Instant now)
    {
        if (State != AssociationState.Closed)
            return;
        Enter(AssociationState.CookieWait, now);
    }

    /// <summary>Takes a message for sending; it waits until the association is up.</summary>
    /// <returns>False when it is too long, there is no room for it, or the association is on its end.</returns>
    public bool TrySend(ushort streamId, uint payloadProtocol, ReadOnlyMemory<byte> payload, in SendOptions options, Instant now)
    {
        if (State >= AssociationState.ShutdownPending || payload.IsEmpty || payload.Length > SctpLimits.MessageBytes)
            return false;
        return _sender.TryAdd(new(streamId, payloadProtocol, payload, options, now), options.IsReliable);
    }

    /// <summary>Begins a stream anew once its messages have gone out: closes its data channel in this direction.</summary>
    /// <returns>False when the peer cannot; nothing is sent then.</returns>
    public bool TryResetStream(ushort streamId, Instant now)
    {
        if (_resets is null || !_peer.StreamReset)
            return false;
        _resets.Add(streamId);
        Continue(now);
        return true;
    }

    public PacketVerdict HandlePacket(ReadOnlySpan<byte> packet, Instant now)
    {
        if (!SctpPacketView.TryParse(packet, out var view, out _))
            return PacketVerdict.Malformed;
        if (State == AssociationState.Ended || view.SourcePort != _ports.RemotePort || view.DestinationPort != _ports.LocalPort || !IsTagRight(view))
            return PacketVerdict.NotOurs;
        _heartbeats.HandleActivity(now);
        var chunks = view.Chunks;
        while (State != AssociationState.Ended && chunks.MoveNext() && TryHandle(chunks.Current, now))
        {
        }
        _receiver?.EndPacket(now);
        DeliverMessages();
        Continue(now);
        return PacketVerdict.Accepted;
    }

    public void HandleTimeout(Instant now)
    {
        if (now >= _handshakeDeadline)
            RepeatHandshake(now);
        _receiver?.HandleTimeout(now);
        if (_sender.HandleTimeout(now))
            CountRetry();
        if (_resets?.HandleTimeout(now) is { } reset)
        {
            CountRetry();
            _control.Add(reset, _peer.Tag);
        }
        if (now >= _heartbeats.Deadline)
        {
            if (_heartbeats.HandleTimeout(now, out var heartbeat))
                CountRetry();
            _control.Add(heartbeat, _peer.Tag);
        }
        Continue(now);
    }

    /// <summary>One packet per call; false when there is none left.</summary>
    public bool TryTakeTransmit(Span<byte> destination, Instant now, out int length)
    {
        length = 0;
        var tag = _control.NextTag ?? _peer.Tag;
        var writer = new SctpPacketWriter(destination[..SctpLimits.PacketBytes], _ports.LocalPort, _ports.RemotePort, tag);
        if (_control.Write(ref writer, tag) && State != AssociationState.Ended)
        {
            if (_receiver is { IsSackDue: true } && writer.Room > SctpLimits.PacketBytes / 2)
                _receiver.WriteSack(ref writer);
            if (IsSending)
                _sender.Write(ref writer, mayBegin: true, now);
        }
        if (writer.IsEmpty)
            return false;
        length = writer.Finish();
        return true;
    }

    public bool TryTakeEvent(out AssociationEvent associationEvent) => _events.TryDequeue(out associationEvent);

    /// <summary>Ends it in good order: what was taken for sending goes out first (RFC 9260 section 9.2).</summary>
    public void Shutdown(Instant now)
    {
        if (State is AssociationState.Closed or AssociationState.CookieWait or AssociationState.CookieEchoed)
            End("shutdown");
        else if (State == AssociationState.Established)
            State = AssociationState.ShutdownPending;
        Continue(now);
    }

    /// <summary>Ends it at once (RFC 9260 section 9.1).</summary>
    public void Abort(string reason) => AbortBecause(ErrorCause.UserInitiated, reason);

    private void AbortBecause(ErrorCause cause, string reason)
    {
        if (State == AssociationState.Ended)
            return;
        var tag = _peer.Tag;
        End(reason);
        if (tag != 0)
            _control.Add(PlainChunks.WriteCause(ChunkType.Abort, cause, []), tag);
    }

    private void End(string reason)
    {
        State = AssociationState.Ended;
        EndReason = reason;
        _handshakeDeadline = Instant.Never;
        _control.Clear();
        _sender.Clear();
        _heartbeats.Stop();
        (_receiver, _resets) = (null, null);
        _events.Enqueue(new(AssociationEventKind.Ended));
    }

    private void CountRetry()
    {
        if (++_retries > SctpLimits.Retries && State != AssociationState.Ended)
            End("lost");
    }
}
