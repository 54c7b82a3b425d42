using MediaNode.Core.Dtls;
using MediaNode.Core.Entropy;
using MediaNode.Core.Sctp;
using MediaNode.Core.Sdp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Client;

/// <summary>A message that came on a data channel.</summary>
public sealed record ReceivedData(DataChannelParameters Channel, bool IsText, byte[] Payload);

/// <summary>The data channels of a client, with the node's own SCTP in the other role.</summary>
internal sealed class ClientChannels(DtlsTransport dtls, DtlsRole role, NegotiatedData negotiated, IEntropy entropy)
{
    private readonly DataChannelTransport _channels = new(role, new(5000, negotiated.RemoteSctpPort), negotiated.MaximumMessageSizeBytes, entropy);
    private readonly Queue<ReceivedData> _received = new();
    private readonly List<DataChannelParameters> _opened = [];
    private readonly byte[] _buffer = new byte[2048];

    public Instant NextTimeout => _channels.NextTimeout;

    public IReadOnlyCollection<DataChannel> Channels => _channels.Channels;

    public bool IsUp => _channels.State == AssociationState.Established;

    /// <summary>Channels that the other side opened.</summary>
    public IReadOnlyList<DataChannelParameters> OpenedByPeer => _opened;

    public void Start(Instant now) => _channels.Start(now);

    public bool Send(DataChannelParameters parameters, bool isText, ReadOnlyMemory<byte> payload, Instant now) =>
        (_channels.Find(parameters) ?? _channels.Open(parameters, now)) is { } channel
        && _channels.Send(channel, new(isText, payload), now) is DataSendOutcome.Sent or DataSendOutcome.Waiting;

    public bool Open(DataChannelParameters parameters, Instant now) => _channels.Open(parameters, now) is not null;

    public void Close(DataChannelParameters parameters, Instant now)
    {
        if (_channels.Find(parameters) is { } channel)
            _channels.Close(channel, now);
    }

    public void Receive(Instant now)
    {
        while (dtls.TryTakeApplicationData(_buffer, out var length))
            _channels.HandlePacket(_buffer.AsSpan(0, length), now);
        TakeEvents();
    }

    public void HandleTimeout(Instant now)
    {
        _channels.HandleTimeout(now);
        TakeEvents();
    }

    /// <summary>Moves one packet into the DTLS connection.</summary>
    public bool TrySend(Instant now) => _channels.TryTakeTransmit(_buffer, now, out var length) && dtls.TrySendApplicationData(_buffer.AsSpan(0, length));

    public bool TryTake(out ReceivedData received) => _received.TryDequeue(out received!);

    private void TakeEvents()
    {
        while (_channels.TryTakeEvent(out var taken))
        {
            if (taken.Kind == DataChannelEventKind.Message)
                _received.Enqueue(new(taken.Channel!.Parameters, taken.Message.IsText, taken.Message.Payload.ToArray()));
            else if (taken is { Kind: DataChannelEventKind.Opened, Channel.IsOurs: false })
                _opened.Add(taken.Channel.Parameters);
        }
    }
}
