using System.Net;
using System.Net.Sockets;
using static LoadGenerator.Linux.LinuxCalls;

namespace LoadGenerator.Linux;

/// <summary>A non-blocking UDP socket of one PeerConnection: behind one socket, a server could not tell connections apart by address.</summary>
internal sealed unsafe class UdpPort : IDisposable
{
    /// <summary>Bytes the kernel may hold each way. 1 MiB is over a second of ten streams of 1.5 Mbit/s, skb overhead included: what overflows it is a stall.</summary>
    private const int BufferBytes = 1 << 20;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };

    public UdpPort(IPAddress local, bool coalesces)
    {
        _socket.Bind(new IPEndPoint(local, 0));
        Descriptor = (int)_socket.Handle;
        SetBuffer(ReceiveBufferForce, size => _socket.ReceiveBufferSize = size);
        SetBuffer(SendBufferForce, size => _socket.SendBufferSize = size);
        var on = 1;
        if (coalesces && SetOption(Descriptor, UdpLevel, UdpGro, &on, sizeof(int)) != 0)
            throw new InvalidOperationException("this kernel has no UDP_GRO; run without --gro");
        LocalEndPoint = (IPEndPoint)_socket.LocalEndPoint!;
    }

    public int Descriptor { get; }

    public IPEndPoint LocalEndPoint { get; }

    /// <summary>From now on it talks to this address only, which also saves the kernel a route lookup per packet.</summary>
    public void Connect(IPEndPoint remote) => _socket.Connect(remote);

    public void Dispose() => _socket.Dispose();

    /// <summary>SO_*BUFFORCE goes past net.core.*mem_max when we may; otherwise the system gives what it allows.</summary>
    private void SetBuffer(int forceOption, Action<int> set)
    {
        var size = BufferBytes;
        if (SetOption(Descriptor, SocketLevel, forceOption, &size, sizeof(int)) != 0)
            set(size);
    }
}
