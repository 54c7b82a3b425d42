using System.Diagnostics;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Threading.Channels;
using MediaNode.Control.V1;
using SignalingService.Dialects;
using SignalingService.Rooms;
using SignalingService.Sessions;

namespace SignalingService.Connections;

/// <summary>
/// One WebSocket with its sessions. Everything that happens to them passes through one queue and one loop, so the session machine needs
/// no lock; commands run beside it and come back through the same queue.
/// </summary>
internal sealed class JanusConnection : IRoomListener
{
    /// <summary>A description of the 256 Ki characters that a node reads at most, with its line ends escaped.</summary>
    public const int MaximumFrameBytes = 512 * 1024;

    /// <summary>Inputs that may wait for the loop, which never waits itself: past it this connection hears more than it can be told.</summary>
    private const int MaximumInputs = 8192;

    /// <summary>After the socket is gone: a few calls to a node, each with its own deadline.</summary>
    private static readonly TimeSpan EndingTimeout = TimeSpan.FromSeconds(20);

    private readonly WebSocketConversation _conversation;
    private readonly CommandRunner _runner;
    private readonly SignalingTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly TokenBucket _pace;
    private readonly SessionTable _sessions;
    private readonly Channel<Action> _inputs = Channel.CreateBounded<Action>(new BoundedChannelOptions(MaximumInputs) { SingleReader = true });
    private readonly ActivityContext _parent = Activity.Current?.Context ?? default;
    private readonly ITimer _timer;
    private bool _isClosed;

    public JanusConnection(WebSocket socket, ConnectionOptions options, CommandRunner runner, SignalingTelemetry telemetry, TimeProvider time)
    {
        _conversation = new(socket, MaximumFrameBytes);
        _runner = runner;
        _telemetry = telemetry;
        _time = time;
        _pace = new(options.MessagesPerSecond, options.MessageBurst);
        _sessions = new(options.Limits, NextId);
        _timer = time.CreateTimer(_ => Hear(() => _sessions.HandleTimeout(Now)), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public Ending? Ending => _conversation.Ending;

    private TimeSpan Now => _time.GetElapsedTime(0);

    public async Task RunAsync(CancellationToken stopping)
    {
        var working = WorkAsync();
        await _conversation.RunAsync(ReceiveAsync, stopping);
        await PostAsync(Close);
        await Task.WhenAny(working, Task.Delay(EndingTimeout, _time, CancellationToken.None));
        await _timer.DisposeAsync();
        _inputs.Writer.TryComplete();
        await working;
    }

    public void HearEvent(HandleAddress address, RoomEvent roomEvent) => Hear(() => _sessions.HandleRoomEvent(address, roomEvent));

    public void HearSnapshot(HandleAddress address, RoomSeat seat, ListParticipantsReply room) =>
        Hear(() => _sessions.HandleRoomSnapshot(address, seat, room));

    public void HearNodeLost(HandleAddress address, RoomSeat seat) => Hear(() => _sessions.HandleNodeLost(address, seat));

    /// <summary>From 1 to 2^53 - 1, which JavaScript's numbers hold exactly.</summary>
    private static ulong NextId()
    {
        Span<byte> random = stackalloc byte[8];
        RandomNumberGenerator.Fill(random);
        return Math.Max(1, BitConverter.ToUInt64(random) >> 11);
    }

    private async ValueTask ReceiveAsync(ReadOnlyMemory<byte> frame)
    {
        var wait = _pace.Take(Now);
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, _time);
        var message = ClientMessageReader.Read(frame);
        await PostAsync(() => Handle(message));
    }

    private void Handle(ClientMessage message)
    {
        var current = Activity.Current;
        var activity = _telemetry.Source.StartActivity($"janus {message.Name}", ActivityKind.Server, _parent);
        // It lasts longer than this call, and others begin meanwhile.
        Activity.Current = current;
        _sessions.HandleMessage(message with { Activity = activity }, Now);
    }

    private void Close()
    {
        _isClosed = true;
        _sessions.HandleClosed();
    }

    private void Hear(Action input)
    {
        if (!_inputs.Writer.TryWrite(input))
            _conversation.End(Ending.Overload);
    }

    /// <summary>For inputs that must not get lost while the loop runs; when it has ended, they are about nothing.</summary>
    private async ValueTask PostAsync(Action input)
    {
        while (!_inputs.Writer.TryWrite(input))
            if (!await _inputs.Writer.WaitToWriteAsync())
                return;
    }

    private async Task WorkAsync()
    {
        try
        {
            await foreach (var input in _inputs.Reader.ReadAllAsync())
            {
                input();
                while (_sessions.TryTakeEffect(out var effect))
                    Perform(effect);
                if (_isClosed && _sessions.IsEmpty)
                    return;
                SetTimer();
            }
        }
        finally
        {
            // When it was thrown out by a broken invariant, that costs this connection, and no other.
            _inputs.Writer.TryComplete();
            if (!_isClosed)
                _conversation.End(Ending.Defect);
        }
    }

    private void SetTimer()
    {
        var next = _sessions.NextTimeout;
        var due = next == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan : TimeSpan.FromTicks(Math.Max(0, (next - Now).Ticks)) + TimeSpan.FromMilliseconds(1);
        _timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    private void Perform(Effect effect)
    {
        switch (effect)
        {
            case SendToClient { Message: var message } when !_isClosed:
                _conversation.Send(ServerMessageWriter.Write(message));
                break;
            case RunCommand run:
                _ = RunAsync(run);
                break;
            case MessageHandled { Message: var handled, ErrorCode: var code }:
                Finish(handled, code);
                break;
            case CloseConnection:
                _conversation.End(Ending.Overload);
                break;
        }
    }

    private async Task RunAsync(RunCommand run)
    {
        // The calls that the command makes become children of the message's activity.
        Activity.Current = run.Cause?.Activity;
        await _runner.RunAsync(run.Command, this, run.Address);
        if (run.Awaited)
            await PostAsync(() => _sessions.HandleCompleted(run.Address, run.Command));
    }

    private void Finish(ClientMessage message, int? errorCode)
    {
        _telemetry.Message(message.Name, errorCode);
        if (errorCode is { } code)
            message.Activity?.SetTag("janus.error_code", code).SetStatus(ActivityStatusCode.Error);
        message.Activity?.Dispose();
    }
}
