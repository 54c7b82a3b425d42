using MediaNode.Core.Dtls;
using MediaNode.Core.Entropy;
using MediaNode.Core.Sctp;
using MediaNode.Core.Sdp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>The data channels of one peer, between its DTLS connection and whoever forwards messages.</summary>
internal sealed class DataLink(DtlsTransport dtls, DtlsRole role, NegotiatedData negotiated, IEntropy entropy)
{
    private long _unusable;
    private long _unsent;
    private long _invalidStreams;
    private readonly byte[] _buffer = new byte[DtlsTransport.MaxReceivedBytes];

    public DataChannelTransport Channels { get; } =
        new(role, new(MediaNegotiation.SctpPort, negotiated.RemoteSctpPort), negotiated.MaximumMessageSizeBytes, entropy);

    public Instant NextTimeout => Channels.NextTimeout;

    /// <summary>Takes in what came on the DTLS connection.</summary>
    public void Receive(DropCounters drops, Instant now)
    {
        while (dtls.TryTakeApplicationData(_buffer, out var length))
        {
            if (Channels.HandlePacket(_buffer.AsSpan(0, length), now) != PacketVerdict.Accepted)
                drops.Count(DropReason.DataMalformed);
        }
        drops.CountUpTo(DropReason.DataUnusable, Channels.UnusableMessages, ref _unusable);
        drops.CountUpTo(DropReason.DataUnsent, Channels.UnsentMessages, ref _unsent);
        drops.CountUpTo(DropReason.DataInvalidStream, Channels.InvalidStreamChunks, ref _invalidStreams);
    }

    /// <summary>Moves one packet to the DTLS connection, whose datagrams are to be sent before the next.</summary>
    public bool TrySend(Instant now) =>
        Channels.TryTakeTransmit(_buffer, now, out var length) && dtls.TrySendApplicationData(_buffer.AsSpan(0, length));
}
