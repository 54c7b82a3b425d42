using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using MediaNode.Core.Forwarding;
using MediaNode.Core.Net;
using MediaNode.Core.Time;
using static MediaNode.Transport.LinuxSockets;

namespace MediaNode.Transport;

/// <summary>
/// ICE over TCP (RFC 6544): clients connect, and every connection counts as one remote address, on which datagrams are framed. Owned by the worker's
/// thread, and never blocks it: one epoll descriptor stands for the listener and all connections, and a client that reads too slowly loses media.
/// </summary>
internal sealed unsafe class StreamPort : IDisposable
{
    /// <summary>Connections of all clients; some 10 KiB each, and as much again for one that reads slowly.</summary>
    public const int MaximumConnections = 4096;

    /// <summary>Connections from one address, or one /64 of IPv6: an office of twenty behind a NAT, each with a dozen peers in a call.</summary>
    public const int MaximumPerOrigin = 256;

    /// <summary>A client has so long to send a valid check. Browsers send one at once, and ten in this time.</summary>
    public static readonly TimeSpan ProofTimeout = TimeSpan.FromSeconds(5);

    /// <summary>A connection to which nothing is sent any more, not even answers to checks, has no peer: consent has run out before.</summary>
    public static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(40);

    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    /// <summary>Frames handed to the engine at a time, so that connections and UDP take turns.</summary>
    private const int ReceiveBatch = 64;

    /// <summary>Connections accepted at a time.</summary>
    private const int AcceptBatch = 16;

    private const int EventBatch = 32;

    /// <summary>What the kernel may hold for a client that reads slowly: half a second of video at 2 Mbit/s. More would only be late.</summary>
    private const int SendBufferBytes = 128 * 1024;

    /// <summary>Connections that wait to be accepted.</summary>
    private const int Backlog = 512;

    /// <summary>Names the listener to epoll; connections count from 1.</summary>
    private const ulong ListenerId = 0;

    private readonly Socket _listener;
    private readonly int _maximumConnections;
    private readonly int _epoll;
    private readonly SendFailures _failures;
    private readonly Dictionary<ulong, StreamConnection> _byId = [];
    private readonly Dictionary<TransportAddress, StreamConnection> _byAddress = [];
    private readonly Queue<TransportAddress> _lost = new();
    private readonly (StreamConnection Connection, Range Frame)[] _frames = new (StreamConnection, Range)[ReceiveBatch];
    private readonly byte[] _scratch = GC.AllocateUninitializedArray<byte>(ushort.MaxValue + Transmit.MaximumSegments * StreamFrames.HeaderSize);
    private readonly List<StreamConnection> _expired = [];
    private int _frameCount;
    private StreamConnection? _unread;
    private Instant _nextSweep;
    private ulong _lastId = ListenerId;
    private bool _isListening = true;
    private Instant _now;

    /// <param name="endPoint">Where to listen: the address and port of the worker's UDP socket.</param>
    /// <param name="failures">Counts what could not be sent.</param>
    /// <param name="maximumConnections">Where the process may open few descriptors, less than <see cref="MaximumConnections"/>.</param>
    public StreamPort(IPEndPoint endPoint, SendFailures failures, int maximumConnections = MaximumConnections)
    {
        _failures = failures;
        _maximumConnections = maximumConnections;
        _listener = new(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        try
        {
            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6)
                _listener.DualMode = true;
            _listener.Bind(endPoint);
            _listener.Listen(Backlog);
        }
        catch
        {
            _listener.Dispose();
            throw;
        }
        _epoll = EpollCreate(EpollCloseOnExec);
        Control(EpollAdd, _listener, ListenerId, EpollIn);
    }

    /// <summary>To be polled for reading: ready when <see cref="Receive"/> has something to do.</summary>
    public int Descriptor => _epoll;

    /// <summary>False when the descriptor was just polled and was not ready: then the next <see cref="Receive"/> asks the system nothing.</summary>
    public bool MayBeReady { get; set; } = true;

    /// <summary>A connection has sent more than one batch holds: do not wait.</summary>
    public bool HasMore => _unread is not null;

    public int ConnectionCount => _byId.Count;

    public StreamDrops Drops { get; } = new();

    /// <summary>Accepts, reads, goes on with what had to wait, and closes what has no peer.</summary>
    /// <returns>Datagrams to be read by <see cref="Datagram"/>.</returns>
    public int Receive(Instant now)
    {
        _now = now;
        _frameCount = 0;
        if (now >= _nextSweep)
            Sweep();
        if (_unread is { } unread)
        {
            _unread = null;
            ReadFrames(unread);
        }
        var isReady = MayBeReady && _frameCount < ReceiveBatch;
        MayBeReady = true;
        if (isReady)
            Poll();
        return _frameCount;
    }

    /// <summary>One datagram of the last <see cref="Receive"/>; it may be changed in place.</summary>
    public Span<byte> Datagram(int index, out TransportAddress source)
    {
        var (connection, frame) = _frames[index];
        source = connection.Address;
        return connection.Reader.Frame(frame);
    }

    /// <summary>The address of a connection that had passed a check and has ended.</summary>
    public bool TryTakeLost(out TransportAddress address) => _lost.TryDequeue(out address);

    /// <summary>Sends a run of datagrams to one connection. What it does not take is kept or dropped as <see cref="StreamBacklog"/> says.</summary>
    public void Send(ReadOnlySpan<byte> slab, in Transmit transmit)
    {
        if (!_byAddress.TryGetValue(transmit.Destination, out var connection))
        {
            // It ended before the answer to its first check could prove it.
            Lose(transmit.Destination);
            _failures.Count(SendFailure.Unreachable, transmit.SegmentCount);
            return;
        }
        connection.Prove(_now + IdleTimeout);
        var length = 0;
        for (var i = 0; i < transmit.SegmentCount; i++)
            length += StreamFrames.Write(_scratch.AsSpan(length), slab[transmit.Segment(i)]);
        var taken = connection.Backlog.IsEmpty ? Write(connection, _scratch.AsSpan(0, length)) : 0;
        if (taken < length && !connection.IsClosed)
            Keep(connection, slab, transmit, taken);
    }

    public void Dispose()
    {
        foreach (var connection in _byId.Values)
            connection.Socket.Dispose();
        _listener.Dispose();
        _ = Close(_epoll);
    }

    private void Keep(StreamConnection connection, ReadOnlySpan<byte> slab, in Transmit transmit, int taken)
    {
        var wasEmpty = connection.Backlog.IsEmpty;
        var at = 0;
        for (var i = 0; i < transmit.SegmentCount; i++)
        {
            var datagram = slab[transmit.Segment(i)];
            var end = at + StreamFrames.HeaderSize + datagram.Length;
            if (at < taken && taken < end)
                connection.Backlog.AddRest(_scratch.AsSpan(taken..end));
            else if (at >= taken && !connection.Backlog.TryAdd(datagram))
                _failures.Count(SendFailure.SlowReader, 1);
            at = end;
        }
        if (wasEmpty && !connection.Backlog.IsEmpty)
            Control(EpollModify, connection.Socket, connection.Id, EpollIn | EpollOut);
    }

    /// <returns>Bytes taken; 0 also when the connection had to be closed.</returns>
    private int Write(StreamConnection connection, ReadOnlySpan<byte> bytes)
    {
        var taken = connection.Socket.Send(bytes, SocketFlags.None, out var problem);
        if (problem is SocketError.Success or SocketError.WouldBlock)
            return Math.Max(taken, 0);
        Drop(connection);
        return 0;
    }

    private void Serve(StreamConnection connection, uint events)
    {
        if ((events & EpollOut) != 0 && !connection.Backlog.IsEmpty)
        {
            connection.Backlog.Take(Write(connection, connection.Backlog.Waiting));
            if (connection.Backlog.IsEmpty && !connection.IsClosed)
                Control(EpollModify, connection.Socket, connection.Id, EpollIn);
        }
        // Errors and hang-ups are found by reading.
        if ((events & ~EpollOut) == 0 || connection.IsClosed || connection == _unread || _frameCount == ReceiveBatch)
            return;
        var length = connection.Socket.Receive(connection.Reader.Receive(), SocketFlags.None, out var problem);
        if (problem == SocketError.WouldBlock)
            return;
        if (problem != SocketError.Success || length <= 0)
        {
            Drop(connection);
            return;
        }
        connection.Reader.Advance(length);
        ReadFrames(connection);
    }

    private void ReadFrames(StreamConnection connection)
    {
        while (!connection.IsClosed && connection.Reader.TryRead(out var frame))
        {
            // Until it has proved itself, a connection has nothing to say but checks: whatever else listens to TCP ports is not for us.
            if (!connection.IsProven && DatagramDemux.Classify(connection.Reader.Frame(frame)) != PacketKind.Stun)
            {
                Drop(connection, StreamDrop.NotACheck);
                return;
            }
            _frames[_frameCount++] = (connection, frame);
            if (_frameCount < ReceiveBatch)
                continue;
            _unread = connection;
            return;
        }
        if (connection.Reader.IsBroken)
            Drop(connection, StreamDrop.FrameTooLong);
    }

    private void Poll()
    {
        Span<byte> events = stackalloc byte[EventBatch * EpollEvent.Size];
        int count;
        fixed (byte* first = events)
            count = EpollWait(_epoll, first, EventBatch, 0);
        for (var i = 0; i < count; i++)
        {
            // A connection that finds no room any more is ready again next time: epoll tells the state, not the change.
            var (happened, id) = EpollEvent.Read(events, i);
            if (id == ListenerId)
                Accept();
            else if (_byId.TryGetValue(id, out var connection))
                Serve(connection, happened);
        }
    }

    private void Accept()
    {
        for (var i = 0; i < AcceptBatch && _listener.Poll(0, SelectMode.SelectRead); i++)
        {
            Socket socket;
            try
            {
                socket = _listener.Accept();
            }
            catch (SocketException problem)
            {
                // The client has gone again; or this process has no descriptors left, and must not be woken for those who wait until the next sweep.
                if (problem.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)
                    Listen(false);
                return;
            }
            if (!TryAdd(socket))
                socket.Dispose();
        }
    }

    private bool TryAdd(Socket socket)
    {
        if (_byId.Count >= _maximumConnections)
            return Refuse(StreamDrop.TooMany);
        try
        {
            socket.Blocking = false;
            socket.NoDelay = true;
            socket.SendBufferSize = SendBufferBytes;
            var address = TransportAddress.From((IPEndPoint)socket.RemoteEndPoint!).Over(TransportProtocol.Tcp);
            if (CountOfOrigin(address) >= MaximumPerOrigin)
                return Refuse(StreamDrop.TooManyOfOrigin);
            var connection = new StreamConnection(++_lastId, socket, address, _now + ProofTimeout);
            // The same port may connect to two addresses of this machine; the engine could not tell the two apart.
            if (!_byAddress.TryAdd(address, connection))
                return Refuse(StreamDrop.AddressInUse);
            _byId.Add(connection.Id, connection);
            Control(EpollAdd, socket, connection.Id, EpollIn);
            return true;
        }
        catch (SocketException)
        {
            // Reset before it was accepted.
            return false;
        }
    }

    private bool Refuse(StreamDrop reason)
    {
        Drops.Count(reason);
        return false;
    }

    private int CountOfOrigin(in TransportAddress address)
    {
        var count = 0;
        foreach (var other in _byAddress.Keys)
            count += other.SharesOriginWith(address) ? 1 : 0;
        return count;
    }

    private void Sweep()
    {
        _nextSweep = _now + SweepInterval;
        foreach (var connection in _byId.Values)
        {
            if (_now >= connection.ExpiresAt)
                _expired.Add(connection);
        }
        foreach (var connection in _expired)
            Drop(connection, connection.IsProven ? StreamDrop.Idle : StreamDrop.Unproven);
        _expired.Clear();
        Listen(true);
    }

    private void Listen(bool listens)
    {
        if (_isListening == listens)
            return;
        _isListening = listens;
        Control(EpollModify, _listener, ListenerId, listens ? EpollIn : 0);
    }

    private void Drop(StreamConnection connection, StreamDrop reason)
    {
        if (!connection.IsClosed)
            Drops.Count(reason);
        Drop(connection);
    }

    /// <summary>Frames of it that were read already stay readable.</summary>
    private void Drop(StreamConnection connection)
    {
        if (connection.IsClosed)
            return;
        connection.IsClosed = true;
        _byId.Remove(connection.Id);
        _byAddress.Remove(connection.Address);
        if (connection.IsProven)
            Lose(connection.Address);
        // The kernel takes a closed descriptor out of epoll by itself.
        connection.Socket.Dispose();
    }

    private void Lose(in TransportAddress address)
    {
        if (!_lost.Contains(address))
            _lost.Enqueue(address);
    }

    private void Control(int operation, Socket socket, ulong id, uint events)
    {
        Span<byte> interest = stackalloc byte[EpollEvent.Size];
        EpollEvent.Write(interest, events, id);
        fixed (byte* first = interest)
        {
            if (EpollControl(_epoll, operation, (int)socket.Handle, first) != 0)
                throw new InvalidOperationException($"epoll refuses a socket: error {Marshal.GetLastPInvokeError()}");
        }
    }
}
