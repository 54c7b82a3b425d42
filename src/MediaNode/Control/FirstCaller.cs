using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using MediaNode.Core.Client;
using MediaNode.Core.Dtls;
using MediaNode.Core.Rtp;
using MediaNode.Transport;

namespace MediaNode.Control;

/// <summary>One side of a <see cref="FirstCall"/>: a PeerConnection on a socket of this machine. What the node says of its addresses is for others, so it is told the way.</summary>
internal sealed class FirstCaller : IDisposable
{
    private const int PayloadBytes = 1000;
    private const int ReceiveBytes = 2048;

    /// <summary>RFC 7741 section 4.2: the S bit of VP8's descriptor; the zeros behind it make a key frame.</summary>
    private const byte StartOfPicture = 0x10;

    /// <summary>Nothing came: look at the clock again.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly Socket _socket;
    private readonly byte[] _received = new byte[ReceiveBytes];
    private ushort _sequence;

    /// <param name="certificate">May be shared.</param>
    /// <param name="context">Made from the certificate.</param>
    /// <param name="worker">Where this machine reaches the worker.</param>
    public FirstCaller(DtlsCertificate certificate, DtlsContext context, IPEndPoint worker)
    {
        _socket = new(worker.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _socket.Connect(worker);
        Client = new(certificate, context, new SystemEntropy(), (IPEndPoint)_socket.LocalEndPoint!);
    }

    public RtcClient Client { get; }

    /// <summary>Takes part until the condition holds.</summary>
    public async Task UntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (!condition())
        {
            if (Client.NextTimeout <= MonotonicClock.Now)
                Client.HandleTimeout(MonotonicClock.Now);
            await FlushAsync(cancellationToken);
            using var look = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            look.CancelAfter(Look);
            try
            {
                var length = await _socket.ReceiveAsync(_received.AsMemory(), look.Token);
                Client.HandleDatagram(_received.AsSpan(0, length), MonotonicClock.Now);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // Time for a check, or for sending again.
            }
        }
    }

    /// <summary>Sends a key frame of one packet.</summary>
    public Task SendPictureAsync(Ssrc source, CancellationToken cancellationToken)
    {
        WritePicture(source);
        return FlushAsync(cancellationToken);
    }

    public void Dispose()
    {
        Client.Dispose();
        _socket.Dispose();
    }

    private void WritePicture(Ssrc source)
    {
        Span<byte> header = stackalloc byte[12];
        Span<byte> payload = stackalloc byte[PayloadBytes];
        payload.Clear();
        payload[0] = StartOfPicture;
        header[0] = 0x80;
        header[1] = (byte)(0x80 | Client.Media.First(media => media.Kind == MediaKind.Video).Codec!.PayloadType.Value);
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], ++_sequence);
        BinaryPrimitives.WriteUInt32BigEndian(header[4..], (uint)(_sequence * 3000));
        BinaryPrimitives.WriteUInt32BigEndian(header[8..], source.Value);
        Client.SendPacket(header, payload, _sequence);
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        while (Client.TryTakeTransmit(out var datagram, out _))
            await _socket.SendAsync(datagram, cancellationToken);
    }
}
