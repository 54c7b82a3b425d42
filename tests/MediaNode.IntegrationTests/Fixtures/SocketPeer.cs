using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using MediaNode.Core.Client;
using MediaNode.Core.Dtls;
using MediaNode.Core.Entropy;
using MediaNode.Core.Net;
using MediaNode.Core.Sdp;
using MediaNode.Core.Time;

namespace MediaNode.IntegrationTests.Fixtures;

/// <summary>A PeerConnection that reaches the node from one address over one protocol, with a real socket. Driven by the test's own thread.</summary>
internal sealed class SocketPeer : IDisposable
{
    private readonly byte[] _buffer = new byte[4096];
    private readonly Path _path;
    private StreamFrameReader _frames = new();
    private Socket? _socket;

    public SocketPeer(DtlsCertificate certificate, DtlsContext dtls, Path path)
    {
        _path = path;
        Rtc = new(certificate, dtls, new SystemEntropy(), new(path.Local, 9)) { Accepts = IsOnPath };
    }

    public RtcClient Rtc { get; }

    /// <summary>False leaves everything that comes in the socket, as a client does whose machine is busy.</summary>
    public bool IsReading { get; set; } = true;

    public void Advance(Instant now)
    {
        if (_socket is not null && IsReading)
            Receive(_socket, now);
        if (Rtc.NextTimeout <= now)
            Rtc.HandleTimeout(now);
        while (Rtc.TryTakeTransmit(out var datagram, out var destination))
            Send(_socket ??= Open(destination), datagram, destination);
    }

    /// <summary>The next datagram goes by a socket of another port.</summary>
    public void Reconnect()
    {
        _socket?.Dispose();
        _socket = null;
        _frames = new();
    }

    public void Dispose()
    {
        Rtc.Dispose();
        _socket?.Dispose();
    }

    private bool IsOnPath(IceCandidate candidate) =>
        candidate.Transport == (_path.Protocol == TransportProtocol.Tcp ? "tcp" : "udp") && candidate.EndPoint!.Address.Equals(_path.Remote);

    private Socket Open(in TransportAddress destination)
    {
        var isTcp = _path.Protocol == TransportProtocol.Tcp;
        var socket = new Socket(_path.Local.AddressFamily, isTcp ? SocketType.Stream : SocketType.Dgram, isTcp ? ProtocolType.Tcp : ProtocolType.Udp);
        socket.Bind(new IPEndPoint(_path.Local, 0));
        // Takes nothing from another address than the one it sends to, as a pair of candidates does not.
        socket.Connect(destination.ToIPEndPoint());
        socket.Blocking = false;
        return socket;
    }

    private void Send(Socket socket, byte[] datagram, in TransportAddress destination)
    {
        if (_path.Protocol == TransportProtocol.Udp)
        {
            socket.Send(datagram, SocketFlags.None, out _);
            return;
        }
        var framed = new byte[StreamFrames.HeaderSize + datagram.Length];
        StreamFrames.Write(framed, datagram);
        for (var sent = 0; sent < framed.Length;)
        {
            sent += Math.Max(0, socket.Send(framed.AsSpan(sent), SocketFlags.None, out var problem));
            if (problem == SocketError.WouldBlock)
                socket.Poll(1000, SelectMode.SelectWrite);
            else if (problem != SocketError.Success)
                return;
        }
    }

    private void Receive(Socket socket, Instant now)
    {
        while (true)
        {
            var isTcp = _path.Protocol == TransportProtocol.Tcp;
            var room = isTcp ? _frames.Receive() : _buffer;
            var length = socket.Receive(room, SocketFlags.None, out var problem);
            if (problem != SocketError.Success || length <= 0)
                return;
            if (!isTcp)
            {
                Rtc.HandleDatagram(room[..length], now);
                continue;
            }
            _frames.Advance(length);
            while (_frames.TryRead(out var frame))
                Rtc.HandleDatagram(_frames.Frame(frame), now);
            Assert.False(_frames.IsBroken);
        }
    }

    /// <param name="Protocol">Udp or Tcp.</param>
    /// <param name="Local">Loopback of IPv4 or of IPv6.</param>
    /// <param name="Remote">Where the node is reached: at the same, unless another address is named.</param>
    internal sealed record Path(TransportProtocol Protocol, IPAddress Local, IPAddress Remote)
    {
        /// <param name="text">Such as "udp6", or "udp4 127.0.0.2".</param>
        public static Path Parse(string text)
        {
            var parts = text.Split(' ');
            var local = parts[0].EndsWith('6') ? IPAddress.IPv6Loopback : IPAddress.Loopback;
            return new(parts[0].StartsWith("tcp", StringComparison.Ordinal) ? TransportProtocol.Tcp : TransportProtocol.Udp, local, parts.Length > 1 ? IPAddress.Parse(parts[1]) : local);
        }
    }

    private sealed class SystemEntropy : IEntropy
    {
        public void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);
    }
}
