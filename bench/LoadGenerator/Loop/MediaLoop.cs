using System.Collections.Concurrent;
using LoadGenerator.Linux;
using LoadGenerator.Measuring;
using LoadGenerator.Peers;
using MediaNode.Core.Time;

namespace LoadGenerator.Loop;

/// <summary>
/// The one thread of all PeerConnections: waits for datagrams with epoll, and for the next deadline. Nothing of a peer is touched by another thread;
/// signalling hands its work over with <see cref="RunAsync"/>.
/// </summary>
internal sealed class MediaLoop : IDisposable
{
    /// <summary>Key of the descriptor that wakes the loop; peers have theirs from 0.</summary>
    private const int WakerKey = -1;

    /// <summary>Batches taken from one socket before the others get their turn.</summary>
    private const int BatchesPerTurn = 4;

    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(100);

    private readonly Epoll _epoll = new();
    private readonly Waker _waker = new();
    private readonly ReceiveBatch _batch;
    private readonly List<LoadPeer?> _peers = [];
    private readonly PriorityQueue<(LoadPeer Peer, Instant At), long> _deadlines = new();
    private readonly ConcurrentQueue<Action> _work = new();
    private readonly Thread _thread;
    private volatile bool _isStopping;

    public MediaLoop(bool coalesces)
    {
        _batch = new(coalesces);
        _epoll.Add(_waker.Descriptor, WakerKey);
        _thread = new(Run) { Name = "media loop", IsBackground = true };
        _thread.Start();
    }

    /// <summary>How much later than wanted timers fire: when this grows, the generator is the bottleneck.</summary>
    public LatencyHistogram Lateness { get; } = new();

    /// <summary>What broke the loop; null while it runs.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Runs on the loop's thread.</summary>
    public Task<T> RunAsync<T>(Func<Instant, T> work)
    {
        if (Failure is not null)
            throw new InvalidOperationException("the media loop has failed", Failure);
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Enqueue(() =>
        {
            try
            {
                done.SetResult(work(Clock.Now));
            }
            catch (Exception problem)
            {
                done.SetException(problem);
            }
        });
        _waker.Wake();
        return done.Task;
    }

    /// <summary>To be called on the loop's thread, as everything below.</summary>
    public void Add(LoadPeer peer)
    {
        peer.Slot = _peers.Count;
        _peers.Add(peer);
        _epoll.Add(peer.Port.Descriptor, peer.Slot);
        Schedule(peer);
    }

    /// <summary>Says goodbye and frees the socket, which also takes it out of epoll.</summary>
    public void Remove(LoadPeer peer)
    {
        _peers[peer.Slot] = null;
        peer.ScheduledAt = Instant.Never;
        peer.Dispose();
    }

    /// <summary>Makes sure that the peer is called when it wants to be.</summary>
    public void Schedule(LoadPeer peer)
    {
        var at = peer.NextTimeout;
        if (at >= peer.ScheduledAt)
            return;
        // An earlier entry of the peer stays in the queue and is recognized as stale.
        peer.ScheduledAt = at;
        _deadlines.Enqueue((peer, at), at.Nanoseconds);
    }

    public void Dispose()
    {
        _isStopping = true;
        _waker.Wake();
        _thread.Join();
        foreach (var peer in _peers)
            peer?.Dispose();
        _epoll.Dispose();
        _waker.Dispose();
        _batch.Dispose();
    }

    private void Run()
    {
        try
        {
            while (!_isStopping)
                Turn();
        }
        catch (Exception problem)
        {
            Failure = problem;
            Console.Error.WriteLine($"the media loop failed: {problem}");
            Environment.Exit(3);
        }
    }

    private void Turn()
    {
        var next = _deadlines.TryPeek(out var first, out _) ? first.At - Clock.Now : LongestWait;
        var ready = _epoll.Wait(next < LongestWait ? next : LongestWait);
        for (var i = 0; i < ready; i++)
        {
            var key = _epoll.Key(i);
            if (key == WakerKey)
                _waker.Clear();
            else if (_peers[key] is { } peer)
                Receive(peer);
        }
        while (_work.TryDequeue(out var work))
            work();
        FireDue();
    }

    private void Receive(LoadPeer peer)
    {
        for (var i = 0; i < BatchesPerTurn; i++)
        {
            var more = _batch.Receive(peer.Port);
            var now = Clock.Now;
            while (_batch.TryTake(out var datagram))
                peer.HandleDatagram(datagram, now);
            peer.CompleteReceive(now);
            if (!more)
                break;
        }
        Schedule(peer);
    }

    private void FireDue()
    {
        var now = Clock.Now;
        while (_deadlines.TryPeek(out var due, out _) && due.At <= now)
        {
            _deadlines.Dequeue();
            if (due.At != due.Peer.ScheduledAt)
                continue;
            Lateness.Record(now - due.At);
            due.Peer.ScheduledAt = Instant.Never;
            due.Peer.HandleTimeout(now);
            Schedule(due.Peer);
            now = Clock.Now;
        }
    }
}
