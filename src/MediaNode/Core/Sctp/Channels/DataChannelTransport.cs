using MediaNode.Core.Dtls;
using MediaNode.Core.Entropy;
using MediaNode.Core.Time;

namespace MediaNode.Core.Sctp;

/// <summary>
/// The data channels of one PeerConnection: an association, and the protocol that opens and closes channels on it (RFC 8831, RFC 8832). The same five members
/// as the association's; after every call drain <see cref="TryTakeTransmit"/> and <see cref="TryTakeEvent"/>, and read <see cref="NextTimeout"/>.
/// </summary>
internal sealed class DataChannelTransport
{
    /// <summary>Channels at a time, those closing included. The SDK has one per label.</summary>
    public const int MaximumChannels = 128;

    /// <summary>Bytes that wait for channels to open, all together: what comes within a round trip or two. More are dropped.</summary>
    public const int MaximumWaitingBytes = SctpLimits.MessageBytes;

    /// <summary>Messages that wait for channels to open, all together.</summary>
    public const int MaximumWaitingMessages = 256;

    private readonly Association _association;
    private readonly Dictionary<ushort, DataChannel> _channels = [];
    private readonly Queue<DataChannelEvent> _events = new();
    private readonly long _peerMessageBytes;
    private readonly int _parity;
    private int _waitingBytes;
    private int _waitingMessages;

    /// <param name="role">Decides who has the even stream ids (RFC 8832 section 6): the DTLS client.</param>
    /// <param name="ports">From SDP.</param>
    /// <param name="peerMessageBytes">The peer's a=max-message-size.</param>
    /// <param name="entropy">Chance.</param>
    public DataChannelTransport(DtlsRole role, AssociationPorts ports, long peerMessageBytes, IEntropy entropy)
    {
        _association = new(ports, entropy);
        _parity = role == DtlsRole.Client ? 0 : 1;
        _peerMessageBytes = Math.Min(peerMessageBytes, SctpLimits.MessageBytes);
    }

    public AssociationState State => _association.State;

    public string EndReason => _association.EndReason;

    public int BufferedBytes => _association.BufferedBytes;

    public long AbandonedMessages => _association.AbandonedMessages;

    public Instant NextTimeout => _association.NextTimeout;

    public IReadOnlyCollection<DataChannel> Channels => _channels.Values;

    /// <summary>Messages of channels that were never opened, of unknown types, or longer than agreed.</summary>
    public long UnusableMessages { get; private set; }

    /// <summary>Messages that waited for their channel, and found no room when it opened.</summary>
    public long UnsentMessages { get; private set; }

    /// <inheritdoc cref="Association.InvalidStreamChunks"/>
    public long InvalidStreamChunks => _association.InvalidStreamChunks;

    /// <summary>Begins the association; both sides do.</summary>
    public void Start(Instant now) => _association.Start(now);

    public PacketVerdict HandlePacket(ReadOnlySpan<byte> packet, Instant now)
    {
        var verdict = _association.HandlePacket(packet, now);
        TakeEvents(now);
        return verdict;
    }

    public void HandleTimeout(Instant now)
    {
        _association.HandleTimeout(now);
        TakeEvents(now);
    }

    public bool TryTakeTransmit(Span<byte> destination, Instant now, out int length) => _association.TryTakeTransmit(destination, now, out length);

    public bool TryTakeEvent(out DataChannelEvent channelEvent) => _events.TryDequeue(out channelEvent);

    /// <summary>A channel that messages can be sent on, whoever opened it.</summary>
    public DataChannel? Find(DataChannelParameters parameters)
    {
        foreach (var channel in _channels.Values)
        {
            if (channel.State is DataChannelState.Opening or DataChannelState.Open && channel.Parameters == parameters)
                return channel;
        }
        return null;
    }

    /// <summary>Opens a channel, as soon as the association is up.</summary>
    /// <returns>Null when there are too many, or the association has ended.</returns>
    public DataChannel? Open(DataChannelParameters parameters, Instant now)
    {
        if (_association.State > AssociationState.Established || _channels.Count >= MaximumChannels || FreeStreamId() is not { } streamId
            || !_association.TrySend(streamId, PayloadProtocol.Dcep, DcepOpenView.Write(parameters), SendOptions.Reliable, now))
            return null;
        var channel = new DataChannel(streamId, parameters, isOurs: true);
        _channels.Add(streamId, channel);
        return channel;
    }

    public DataSendOutcome Send(DataChannel channel, in DataMessage message, Instant now)
    {
        if (message.Payload.Length > _peerMessageBytes)
            return DataSendOutcome.TooLarge;
        if (channel.State == DataChannelState.Opening)
            return Wait(channel, message);
        return channel.State == DataChannelState.Open ? SendNow(channel, message, now) : DataSendOutcome.Closed;
    }

    /// <summary>Closes a channel; what was sent on it goes out first.</summary>
    public void Close(DataChannel channel, Instant now)
    {
        if (channel.State is DataChannelState.Closing or DataChannelState.Closed)
            return;
        channel.State = DataChannelState.Closing;
        while (channel.Waiting.TryDequeue(out var waiting))
            CountTaken(waiting);
        channel.IsOutgoingReset = !_association.TryResetStream(channel.StreamId, now);
    }

    public void Abort(string reason) => _association.Abort(reason);

    private DataSendOutcome Wait(DataChannel channel, in DataMessage message)
    {
        if (_waitingMessages >= MaximumWaitingMessages || _waitingBytes + message.Payload.Length > MaximumWaitingBytes)
            return DataSendOutcome.BufferFull;
        channel.Waiting.Enqueue(message);
        _waitingMessages++;
        _waitingBytes += message.Payload.Length;
        return DataSendOutcome.Waiting;
    }

    private void CountTaken(in DataMessage message)
    {
        _waitingMessages--;
        _waitingBytes -= message.Payload.Length;
    }

    private DataSendOutcome SendNow(DataChannel channel, in DataMessage message, Instant now)
    {
        // SCTP has no empty messages: one byte stands for none, under a protocol identifier of its own (RFC 8831 section 6.6).
        var isEmpty = message.Payload.IsEmpty;
        var protocol = (message.IsText, isEmpty) switch
        {
            (true, false) => PayloadProtocol.Text,
            (true, true) => PayloadProtocol.EmptyText,
            (false, false) => PayloadProtocol.Binary,
            (false, true) => PayloadProtocol.EmptyBinary,
        };
        return _association.TrySend(channel.StreamId, protocol, isEmpty ? new byte[1] : message.Payload, channel.Parameters.Options, now)
            ? DataSendOutcome.Sent
            : _association.State > AssociationState.Established ? DataSendOutcome.Closed : DataSendOutcome.BufferFull;
    }

    private void TakeEvents(Instant now)
    {
        while (_association.TryTakeEvent(out var associationEvent))
        {
            switch (associationEvent.Kind)
            {
                case AssociationEventKind.Message:
                    HandleMessage(associationEvent.Message, now);
                    break;
                case AssociationEventKind.StreamResetByPeer:
                    HandleResetByPeer(associationEvent.StreamId, now);
                    break;
                case AssociationEventKind.StreamResetDone when _channels.TryGetValue(associationEvent.StreamId, out var channel):
                    channel.IsOutgoingReset = true;
                    RemoveIfClosed(channel);
                    break;
                case AssociationEventKind.Ended:
                    HandleEnd();
                    break;
            }
        }
    }

    private void HandleMessage(in ReceivedMessage message, Instant now)
    {
        if (message.PayloadProtocol == PayloadProtocol.Dcep)
        {
            HandleControl(message, now);
            return;
        }
        var isText = message.PayloadProtocol is PayloadProtocol.Text or PayloadProtocol.EmptyText;
        var isEmpty = message.PayloadProtocol is PayloadProtocol.EmptyText or PayloadProtocol.EmptyBinary;
        if ((!isText && !isEmpty && message.PayloadProtocol != PayloadProtocol.Binary)
            || !_channels.TryGetValue(message.StreamId, out var channel) || channel.State is not (DataChannelState.Open or DataChannelState.Opening))
        {
            UnusableMessages++;
            return;
        }
        // RFC 8832 section 6: a message on the channel says as much as the acknowledgement.
        if (channel.State == DataChannelState.Opening)
            HandleAck(channel, now);
        _events.Enqueue(new(DataChannelEventKind.Message, channel, new(isText, isEmpty ? default : message.Payload)));
    }

    private void HandleControl(in ReceivedMessage message, Instant now)
    {
        if (DcepOpenView.TryParse(message.Payload.Span, out var open, out _))
            HandleOpen(message.StreamId, open, now);
        else if (message.Payload.Length == 1 && message.Payload.Span[0] == DcepOpenView.AckMessage && _channels.TryGetValue(message.StreamId, out var channel))
            HandleAck(channel, now);
        else
            UnusableMessages++;
    }

    private void HandleOpen(ushort streamId, in DcepOpenView open, Instant now)
    {
        // RFC 8832 section 6: an id of our own, one in use, or one too many is refused by a reset of its stream.
        if (streamId % 2 == _parity || _channels.ContainsKey(streamId) || _channels.Count >= MaximumChannels || streamId >= _association.StreamsToPeer)
        {
            UnusableMessages++;
            if (!_channels.ContainsKey(streamId))
                _association.TryResetStream(streamId, now);
            return;
        }
        if (!_association.TrySend(streamId, PayloadProtocol.Dcep, new byte[] { DcepOpenView.AckMessage }, SendOptions.Reliable, now))
            return;
        var channel = new DataChannel(streamId, open.ToParameters(), isOurs: false);
        _channels.Add(streamId, channel);
        _events.Enqueue(new(DataChannelEventKind.Opened, channel));
    }

    private void HandleAck(DataChannel channel, Instant now)
    {
        if (channel.State != DataChannelState.Opening)
            return;
        channel.State = DataChannelState.Open;
        _events.Enqueue(new(DataChannelEventKind.Opened, channel));
        while (channel.Waiting.TryDequeue(out var waiting))
        {
            CountTaken(waiting);
            if (SendNow(channel, waiting, now) != DataSendOutcome.Sent)
                UnsentMessages++;
        }
    }

    private void HandleResetByPeer(ushort streamId, Instant now)
    {
        if (!_channels.TryGetValue(streamId, out var channel) || channel.IsIncomingReset)
            return;
        channel.IsIncomingReset = true;
        Close(channel, now);
        RemoveIfClosed(channel);
    }

    /// <summary>Both directions have begun anew, so the id is free again.</summary>
    private void RemoveIfClosed(DataChannel channel)
    {
        if (!channel.IsIncomingReset || !channel.IsOutgoingReset || !_channels.Remove(channel.StreamId))
            return;
        channel.State = DataChannelState.Closed;
        _events.Enqueue(new(DataChannelEventKind.Closed, channel));
    }

    private void HandleEnd()
    {
        foreach (var channel in _channels.Values)
        {
            channel.State = DataChannelState.Closed;
            _events.Enqueue(new(DataChannelEventKind.Closed, channel));
        }
        _channels.Clear();
        (_waitingMessages, _waitingBytes) = (0, 0);
        _events.Enqueue(new(DataChannelEventKind.Ended));
    }

    private ushort? FreeStreamId()
    {
        // Before the association is up the peer's limit is not known; the first ids are within anybody's.
        var limit = _association.State == AssociationState.Established ? _association.StreamsToPeer : SctpLimits.Streams;
        for (var streamId = _parity; streamId < limit; streamId += 2)
        {
            if (!_channels.ContainsKey((ushort)streamId))
                return (ushort)streamId;
        }
        return null;
    }
}
