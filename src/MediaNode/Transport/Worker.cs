using System.Threading.Channels;
using MediaNode.Core.Forwarding;
using MediaNode.Core.Time;
using MediaNode.Telemetry;

namespace MediaNode.Transport;

/// <summary>
/// One thread, one port, one engine with its rooms. Commands come in through a bounded queue and wake the thread; events leave through a channel.
/// Nothing of the engine is touched by another thread.
/// </summary>
internal sealed class Worker : IDisposable
{
    /// <summary>Commands waiting at once; past it callers are told that the node is overloaded.</summary>
    private const int MaximumQueuedCommands = 4096;

    /// <summary>Batches received before timers and commands get their turn.</summary>
    private const int BatchesPerTurn = 8;

    /// <summary>Longest sleep: commands wake the thread, so this only bounds the harm of a lost wake-up.</summary>
    private static readonly TimeSpan MaximumWait = TimeSpan.FromSeconds(1);

    private readonly IDatagramPort _port;
    private readonly MediaEngine _engine;
    private readonly Channel<Action<MediaEngine, Instant>> _commands =
        Channel.CreateBounded<Action<MediaEngine, Instant>>(new BoundedChannelOptions(MaximumQueuedCommands) { SingleReader = true });

    private readonly RoomPlacements<Worker> _rooms;
    private readonly ChannelWriter<RoomEvent> _events;
    private readonly TransitTimes _transit;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private BatchPacing _pacing;
    private volatile bool _isStopping;
    private long _turns;
    private long _busyTicks;
    private long _busyTicksAtWindow;
    private Instant _windowStart = MonotonicClock.Now;
    private double _load;

    public Worker(
        int index, IDatagramPort port, MediaEngine engine, RoomPlacements<Worker> rooms, ChannelWriter<RoomEvent> events, TransitTimes transit, ILogger logger)
    {
        _rooms = rooms;
        _transit = transit;
        _port = port;
        _engine = engine;
        _events = events;
        _logger = logger;
        _thread = new(Run) { Name = $"media worker {index}", IsBackground = true };
    }

    public int LocalPort => _port.LocalPort;

    public SendFailures SendFailures => _port.SendFailures;

    /// <summary>Connections of clients that came by TCP. May be read by any thread.</summary>
    public int StreamCount => _port.Streams?.ConnectionCount ?? 0;

    /// <summary>Null where only UDP is taken. May be read by any thread.</summary>
    public StreamDrops? StreamDrops => _port.Streams?.Drops;

    public string Name => _thread.Name!;

    /// <summary>Grows by one at least every <see cref="MaximumWait"/> while the thread is well. May be read by any thread.</summary>
    public long Turns => Volatile.Read(ref _turns);

    /// <summary>Time that the thread worked instead of waiting, since its start. May be read by any thread.</summary>
    public TimeSpan Busy => TimeSpan.FromTicks(Volatile.Read(ref _busyTicks));

    /// <summary>Share of its time that the thread worked over the last second, 0 to 1. Kept here by whoever measures it.</summary>
    public double Load
    {
        get => Volatile.Read(ref _load);
        set => Volatile.Write(ref _load, value);
    }

    /// <summary>Counters may be read by any thread.</summary>
    public MediaEngine Engine => _engine;

    public void Start() => _thread.Start();

    /// <summary>Runs a command on the worker's thread.</summary>
    /// <exception cref="WorkerOverloadedException">The queue is full.</exception>
    public async Task<T> InvokeAsync<T>(Func<MediaEngine, Instant, T> command)
    {
        // Continuations must not run on the media thread.
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isQueued = _commands.Writer.TryWrite((engine, now) =>
        {
            try
            {
                result.SetResult(command(engine, now));
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                result.SetException(exception);
            }
        });
        if (!isQueued)
            throw new WorkerOverloadedException();
        _port.Wake();
        return await result.Task;
    }

    public void Dispose()
    {
        _isStopping = true;
        _port.Wake();
        if (_thread.IsAlive)
            _thread.Join(TimeSpan.FromSeconds(5));
        _commands.Writer.TryComplete();
        _port.Dispose();
    }

    private void Run()
    {
        try
        {
            while (!_isStopping)
                Turn();
        }
        catch (Exception exception)
        {
            // A broken invariant that no single session can be blamed for: the rooms of this worker are lost, so the process must be replaced.
            _logger.LogCritical(exception, "{Worker} failed; the node stops so that its rooms are assigned anew", _thread.Name);
            Environment.FailFast("media worker failed", exception);
        }
    }

    private void Turn()
    {
        Volatile.Write(ref _turns, _turns + 1);
        var started = MonotonicClock.Now;
        var isMore = ReceiveAll(out var tookAny);
        var now = MonotonicClock.Now;
        if (_port.Streams is { } streams)
            isMore |= ReceiveStreams(streams, now);
        while (_commands.Reader.TryRead(out var command))
            command(_engine, now);
        if (_engine.NextTimeout <= now)
            _engine.HandleTimeout(now);
        _engine.Flush(now);
        while (_engine.TryTakeEvent(out var roomEvent))
            Tell(roomEvent);
        while (_engine.TryTakeFault(out var fault))
            _logger.LogError(fault.Exception, "An invariant is broken: peer {Peer} in room {Room} is closed", fault.PeerId, fault.RoomId);
        now = MonotonicClock.Now;
        Volatile.Write(ref _busyTicks, _busyTicks + (now - started).Ticks);
        if (now - _windowStart >= MediaEngine.PressureWindow)
            Judge(now);
        if (tookAny)
            _transit.Record(now - started);
        if (isMore)
            return;
        var pause = _pacing.Pause(started, now, tookAny, _engine.LastHandshakeStep);
        var wait = _engine.NextTimeout - now;
        if (pause > TimeSpan.Zero)
            _port.Gather(pause);
        else if (wait > TimeSpan.Zero)
            _port.Wait(wait < MaximumWait ? wait : MaximumWait);
    }

    private void Tell(RoomEvent roomEvent)
    {
        // A room that ended may have been opened again by a command of the same turn.
        if (roomEvent.Happening is RoomClosed && !_engine.HasRoom(roomEvent.RoomId))
            _rooms.End(roomEvent.RoomId);
        _events.TryWrite(roomEvent);
    }

    /// <returns>True when there is more.</returns>
    private bool ReceiveStreams(StreamPort streams, Instant now)
    {
        var count = streams.Receive(now);
        for (var i = 0; i < count; i++)
        {
            var datagram = streams.Datagram(i, out var source);
            _engine.HandleDatagram(source, datagram, now);
        }
        if (count > 0)
            _engine.Flush(now);
        while (streams.TryTakeLost(out var lost))
            _engine.HandleConnectionLost(lost, now);
        return streams.HasMore;
    }

    /// <summary>Lets the engine send less video while there is no time for it.</summary>
    private void Judge(Instant now)
    {
        var busy = (double)(_busyTicks - _busyTicksAtWindow) / (now - _windowStart).Ticks;
        (_busyTicksAtWindow, _windowStart) = (_busyTicks, now);
        if (_engine.HandlePressure(busy, _port.Backlog, now))
            _logger.LogWarning("{Worker} works {Busy:P0} of its time: it sends {Kept:P0} of the video wanted, less of it in {Rooms} rooms", _thread.Name, busy, _engine.VideoKept, _engine.CutRooms);
    }

    /// <returns>True when there may be more.</returns>
    private bool ReceiveAll(out bool tookAny)
    {
        tookAny = false;
        for (var batch = 0; batch < BatchesPerTurn; batch++)
        {
            var count = _port.Receive();
            if (count == 0)
                return false;
            tookAny = true;
            var now = MonotonicClock.Now;
            for (var i = 0; i < count; i++)
            {
                var datagram = _port.Datagram(i, out var source);
                _engine.HandleDatagram(source, datagram, now);
            }
            _engine.Flush(now);
            if (count < _port.BatchSize)
                return false;
        }
        return true;
    }
}

/// <summary>More commands wait than the worker can have been given in good time.</summary>
public sealed class WorkerOverloadedException() : Exception("the media worker has too many commands waiting; try again, or take another node");
