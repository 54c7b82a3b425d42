using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using MediaNode.Core.Dtls;
using MediaNode.Core.Entropy;
using MediaNode.Core.Net;
using MediaNode.Core.Time;

namespace MediaNode.TestPeer.Sockets;

/// <summary>
/// A PeerConnection with a UDP socket of its own: behind one socket, connections to the same node could not be told apart by address.
/// To be used on the thread of its <see cref="PeerLoop"/>.
/// </summary>
public sealed class UdpRtcClient : IDisposable
{
    /// <summary>More than the largest datagram of a node, whose packets fit an Ethernet frame.</summary>
    private const int LongestDatagramBytes = 2048;

    /// <summary>A second of video at 8 Mbit/s: what may wait while the machine is busy with something else.</summary>
    private const int ReceiveBufferBytes = 1 << 20;

    /// <summary>Datagrams taken at a time, so that no client keeps the others waiting.</summary>
    private const int BatchLimit = 64;

    private readonly byte[] _buffer = new byte[LongestDatagramBytes];
    private readonly Dictionary<TransportAddress, SocketAddress> _destinations = [];
    private readonly SocketAddress _source;

    internal UdpRtcClient(DtlsCertificate certificate, DtlsContext dtls, IPAddress local)
    {
        Socket = new(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { Blocking = false, ReceiveBufferSize = ReceiveBufferBytes };
        Socket.Bind(new IPEndPoint(local, 0));
        _source = new(local.AddressFamily);
        Rtc = new(certificate, dtls, new SystemEntropy(), (IPEndPoint)Socket.LocalEndPoint!);
    }

    public RtcClient Rtc { get; }

    /// <summary>What it sends and does with what it receives.</summary>
    public IPeerMedia? Media { get; set; }

    internal Socket Socket { get; }

    internal Instant NextTimeout => Instant.Min(Rtc.NextTimeout, Media?.NextTimeout ?? Instant.Never);

    public void Dispose()
    {
        Rtc.Close();
        Send();
        Rtc.Dispose();
        Socket.Dispose();
    }

    internal void Receive(Instant now)
    {
        for (var i = 0; i < BatchLimit && Socket.Poll(0, SelectMode.SelectRead); i++)
        {
            if (TryReceive(out var length))
                Rtc.HandleDatagram(_buffer.AsSpan(0, length), now);
        }
    }

    /// <summary>Does what is due, and sends what has gathered.</summary>
    internal void Advance(Instant now)
    {
        if (Rtc.NextTimeout <= now)
            Rtc.HandleTimeout(now);
        Media?.Advance(now);
        Send();
    }

    /// <summary>
    /// The port may have been another client's until a moment ago, perhaps one that vanished: what its node still sends to it is encrypted for that one. Browsers read no media from an
    /// address that they have no candidate pair with.
    /// </summary>
    private bool TryReceive(out int length)
    {
        try
        {
            length = Socket.ReceiveFrom(_buffer, SocketFlags.None, _source);
            return _source.Equals(AddressOf(Rtc.Remote));
        }
        catch (SocketException)
        {
            // Nobody listens where something was sent to: a node that is gone.
            length = 0;
            return false;
        }
    }

    private void Send()
    {
        while (Rtc.TryTakeTransmit(out var datagram, out var destination))
        {
            try
            {
                Socket.SendTo(datagram, SocketFlags.None, AddressOf(destination));
            }
            catch (SocketException)
            {
                // The network lost it, as networks do: a full buffer, or a node that is gone.
            }
        }
    }

    private SocketAddress AddressOf(TransportAddress destination)
    {
        if (!_destinations.TryGetValue(destination, out var address))
            _destinations[destination] = address = destination.ToIPEndPoint().Serialize();
        return address;
    }

    private sealed class SystemEntropy : IEntropy
    {
        public void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);
    }
}
