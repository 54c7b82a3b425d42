using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using MediaNode.Core.Dtls;
using MediaNode.Core.Time;

namespace MediaNode.TestPeer.Sockets;

/// <summary>
/// One thread that drives any number of PeerConnections over UDP: it polls their sockets and wakes for the next deadline. Clients and their
/// media belong to that thread; others reach them by <see cref="RunAsync{T}"/>.
/// </summary>
public sealed class PeerLoop : IDisposable
{
    private const int MicrosecondsPerSecond = 1_000_000;

    /// <summary>A look at the clock now and then, also when nothing is due.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly DtlsCertificate _certificate = DtlsCertificate.CreateSelfSigned();
    private readonly DtlsContext _dtls;
    private readonly Socket _waker = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly ConcurrentQueue<Action> _work = new();
    private readonly Dictionary<Socket, UdpRtcClient> _clients = [];
    private readonly List<Socket> _readable = [];
    private readonly Thread _thread;
    private volatile bool _isStopped;

    public PeerLoop()
    {
        _dtls = new(_certificate);
        _waker.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _waker.Connect(_waker.LocalEndPoint!);
        _waker.Blocking = false;
        _thread = new(Run) { Name = "peer loop", IsBackground = true };
        _thread.Start();
    }

    private Instant Now => new(Stopwatch.GetElapsedTime(_start).Ticks * 100);

    /// <param name="local">An address of this machine; each client has a port of its own.</param>
    public Task<UdpRtcClient> AddAsync(IPAddress local) => RunAsync(_ =>
    {
        var client = new UdpRtcClient(_certificate, _dtls, local);
        _clients.Add(client.Socket, client);
        return client;
    });

    /// <summary>Says goodbye (DTLS close_notify) and frees the socket.</summary>
    public Task RemoveAsync(UdpRtcClient client) => RunAsync(_ =>
    {
        if (_clients.Remove(client.Socket))
            client.Dispose();
        return true;
    });

    /// <summary>Runs on the loop's thread.</summary>
    public Task<T> RunAsync<T>(Func<Instant, T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        ObjectDisposedException.ThrowIf(_isStopped, this);
        _work.Enqueue(() =>
        {
            try
            {
                done.SetResult(work(Now));
            }
            catch (Exception problem)
            {
                done.SetException(problem);
            }
        });
        Wake();
        return done.Task;
    }

    public void Dispose()
    {
        if (_isStopped)
            return;
        _isStopped = true;
        Wake();
        _thread.Join();
        foreach (var client in _clients.Values)
            client.Dispose();
        _waker.Dispose();
        _dtls.Dispose();
        _certificate.Dispose();
    }

    /// <summary>A full socket buffer has woken the loop already.</summary>
    private void Wake() => _waker.Send([0], SocketFlags.None, out _);

    private void Run()
    {
        while (!_isStopped)
        {
            Wait();
            while (_work.TryDequeue(out var work))
                work();
            foreach (var socket in _readable)
            {
                if (_clients.TryGetValue(socket, out var client))
                    client.Receive(Now);
            }
            foreach (var client in _clients.Values)
                client.Advance(Now);
        }
    }

    private void Wait()
    {
        _readable.Clear();
        _readable.Add(_waker);
        var next = Now + LongestWait;
        foreach (var (socket, client) in _clients)
        {
            _readable.Add(socket);
            next = Instant.Min(next, client.NextTimeout);
        }
        var wait = Math.Max(0, (next - Now).TotalSeconds);
        Socket.Select(_readable, null, null, (int)Math.Ceiling(wait * MicrosecondsPerSecond));
        Span<byte> buffer = stackalloc byte[1];
        while (_readable.Contains(_waker) && _waker.Receive(buffer, SocketFlags.None, out var problem) > 0 && problem == SocketError.Success)
        {
        }
    }
}
