using System.Net;
using System.Net.Sockets;
using MediaNode.Core.Forwarding;
using MediaNode.Core.Net;

namespace MediaNode.Transport;

/// <summary>
/// A UDP port on systems without recvmmsg and eventfd (macOS, or when asked for): one datagram per call, same behaviour, but that the system chooses which of
/// several own addresses a datagram leaves from. .NET's sockets tell where one came, and do not take it for one that is sent.
/// </summary>
internal sealed class SocketDatagramPort : IDatagramPort
{
    private const int ReceiveBatch = 64;
    private const int ReceiveSlot = 2048;

    private readonly Socket _socket;
    private readonly Socket _wakeUp;
    private readonly EndPoint _wakeUpAddress;
    private readonly List<Socket> _readable = new(2);
    private readonly byte[] _slab = GC.AllocateUninitializedArray<byte>(ReceiveBatch * ReceiveSlot, pinned: true);
    private readonly int[] _lengths = new int[ReceiveBatch];
    private readonly TransportAddress[] _sources = new TransportAddress[ReceiveBatch];
    private readonly Dictionary<TransportAddress, SocketAddress> _destinations = [];
    private readonly SocketAddress _source;

    public SocketDatagramPort(IPEndPoint endPoint)
    {
        _socket = new(endPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        if (endPoint.AddressFamily == AddressFamily.InterNetworkV6)
            _socket.DualMode = true;
        _socket.ReceiveBufferSize = _socket.SendBufferSize = 4 << 20;
        _socket.Bind(endPoint);
        LocalPort = ((IPEndPoint)_socket.LocalEndPoint!).Port;
        _source = new SocketAddress(endPoint.AddressFamily);
        _wakeUp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        _wakeUp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _wakeUpAddress = _wakeUp.LocalEndPoint!;
    }

    public int LocalPort { get; }

    public SendFailures SendFailures { get; } = new();

    /// <summary>Needs epoll.</summary>
    public StreamPort? Streams => null;

    public int BatchSize => ReceiveBatch;

    public double Backlog => 0;

    public void Wait(TimeSpan timeout)
    {
        _readable.Clear();
        _readable.Add(_socket);
        _readable.Add(_wakeUp);
        Socket.Select(_readable, null, null, timeout);
        TakeWakeUps();
    }

    public void Gather(TimeSpan time)
    {
        _wakeUp.Poll(time, SelectMode.SelectRead);
        TakeWakeUps();
    }

    public int Receive()
    {
        var count = 0;
        while (count < ReceiveBatch && _socket.Poll(0, SelectMode.SelectRead))
        {
            int length;
            try
            {
                length = _socket.ReceiveFrom(_slab.AsSpan(count * ReceiveSlot, ReceiveSlot), SocketFlags.None, _source);
            }
            catch (SocketException)
            {
                // An ICMP error of an earlier datagram, or one too long for the slot: nothing to forward.
                continue;
            }
            var source = (IPEndPoint)_socket.LocalEndPoint!.Create(_source);
            _sources[count] = TransportAddress.From(source);
            _lengths[count++] = length;
        }
        return count;
    }

    public Span<byte> Datagram(int index, out TransportAddress source)
    {
        source = _sources[index];
        return _slab.AsSpan(index * ReceiveSlot, _lengths[index]);
    }

    public void Flush(TransmitBatch batch)
    {
        foreach (ref readonly var transmit in batch.Transmits)
        {
            for (var i = 0; i < transmit.SegmentCount; i++)
                Send(batch.Slab.AsSpan(transmit.Segment(i)), transmit.Destination);
        }
    }

    public void Wake() => _wakeUp.SendTo(new byte[1], _wakeUpAddress);

    public void Dispose()
    {
        _socket.Dispose();
        _wakeUp.Dispose();
    }

    private void TakeWakeUps()
    {
        Span<byte> signal = stackalloc byte[1];
        while (_wakeUp.Poll(0, SelectMode.SelectRead))
            _wakeUp.Receive(signal, SocketFlags.None, out _);
    }

    private void Send(ReadOnlySpan<byte> datagram, in TransportAddress destination)
    {
        try
        {
            _socket.SendTo(datagram, SocketFlags.None, AddressOf(destination));
        }
        catch (SocketException problem)
        {
            SendFailures.Count(Reason(problem.SocketErrorCode), 1);
        }
    }

    private static SendFailure Reason(SocketError error) => error switch
    {
        SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable => SendFailure.Full,
        SocketError.MessageSize => SendFailure.TooLong,
        SocketError.NetworkUnreachable or SocketError.HostUnreachable or SocketError.ConnectionRefused => SendFailure.Unreachable,
        _ => SendFailure.Refused,
    };

    private SocketAddress AddressOf(in TransportAddress destination)
    {
        // Bounded by clearing: a few hundred bytes each, made again when needed.
        if (_destinations.Count > 10_000)
            _destinations.Clear();
        if (_destinations.TryGetValue(destination, out var address))
            return address;
        var endPoint = destination.ToIPEndPoint();
        if (_socket.AddressFamily == AddressFamily.InterNetworkV6)
            endPoint.Address = endPoint.Address.MapToIPv6();
        return _destinations[destination] = endPoint.Serialize();
    }
}
