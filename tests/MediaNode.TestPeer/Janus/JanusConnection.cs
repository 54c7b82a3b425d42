using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace MediaNode.TestPeer.Janus;

/// <summary>The WebSocket of a conference client and the Janus session on it. Frames wait here until somebody asks for them.</summary>
public sealed class JanusConnection : IAsyncDisposable
{
    public const string Plugin = "janus.plugin.videoroom";

    private const string Protocol = "janus-protocol";

    /// <summary>The largest frame that a client takes; a room's list of publishers is far below.</summary>
    private const int LongestFrameBytes = 512 * 1024;

    /// <summary>Frames nobody asked for yet. Reached only by a client that has lost its way.</summary>
    private const int MostWaitingFrames = 10_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The SDK's; a server ends sessions after 60 s of silence.</summary>
    private static readonly TimeSpan KeepAliveInterval = TimeSpan.FromSeconds(25);

    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<JsonNode> _frames = [];
    private readonly List<Waiter> _waiters = [];
    private readonly TaskCompletionSource<string> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _token;

    /// <summary>Grows to what frames need: hundreds of connections in one process must not cost the largest frame each.</summary>
    private byte[] _received = new byte[8 * 1024];
    private Task _background = Task.CompletedTask;
    private int _transactions;

    private JanusConnection(string token) => _token = token;

    /// <summary>Id of the Janus session; 0 before there is one.</summary>
    public ulong Session { get; private set; }

    /// <summary>Completes with the reason when the other side has gone.</summary>
    public Task<string> Closed => _closed.Task;

    /// <summary>Opens the WebSocket alone.</summary>
    /// <param name="gateway">Of the platform, http or https.</param>
    /// <param name="token">Goes into every message.</param>
    public static async Task<JanusConnection> OpenAsync(Uri gateway, string token)
    {
        var connection = new JanusConnection(token);
        connection._socket.Options.AddSubProtocol(Protocol);
        var address = new UriBuilder(gateway) { Scheme = gateway.Scheme == "https" ? "wss" : "ws", Path = "/janus" }.Uri;
        await connection._socket.ConnectAsync(address, connection._stop.Token);
        connection._background = Task.WhenAll(connection.ReceiveAsync(), connection.KeepAliveAsync());
        return connection;
    }

    /// <summary>Opens the WebSocket and a session.</summary>
    /// <exception cref="JanusException">The session was refused.</exception>
    public static async Task<JanusConnection> ConnectAsync(Uri gateway, string token)
    {
        var connection = await OpenAsync(gateway, token);
        connection.Session = Success(await connection.RequestAsync("create"));
        return connection;
    }

    public async Task<ulong> AttachAsync() => Success(await RequestAsync("attach", new() { ["plugin"] = Plugin }));

    /// <summary>The final reply to a message: the event after the acknowledgement, or a "success" or "error" in its place.</summary>
    public async Task<JsonNode> MessageAsync(ulong handle, JsonObject body, JsonObject? jsep = null)
    {
        var members = new JsonObject { ["handle_id"] = handle, ["body"] = body };
        if (jsep is not null)
            members["jsep"] = jsep;
        var reply = await RequestAsync("message", members);
        return Word(reply) == "ack" ? await FrameAsync(frame => Text(frame["transaction"]) == Text(reply["transaction"])) : reply;
    }

    /// <summary>The first reply to a request.</summary>
    public async Task<JsonNode> RequestAsync(string verb, JsonObject? members = null)
    {
        var transaction = Interlocked.Increment(ref _transactions).ToString("D12", CultureInfo.InvariantCulture);
        var message = members ?? [];
        message["janus"] = verb;
        message["transaction"] = transaction;
        message["token"] = _token;
        if (Session != 0)
            message["session_id"] = Session;
        await SendAsync(message.ToJsonString());
        return await FrameAsync(frame => Text(frame["transaction"]) == transaction);
    }

    public async Task SendAsync(string text)
    {
        await _sending.WaitAsync(_stop.Token);
        try
        {
            await _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, _stop.Token);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>The next frame that fits; those that do not are kept for others.</summary>
    /// <exception cref="JanusException">The connection was closed, or nothing came in time.</exception>
    public async Task<JsonNode> FrameAsync(Func<JsonNode, bool> wanted, TimeSpan? patience = null)
    {
        var waiter = new Waiter(wanted);
        lock (_lock)
        {
            var known = _frames.FindIndex(frame => wanted(frame));
            if (known >= 0)
            {
                var frame = _frames[known];
                _frames.RemoveAt(known);
                return frame;
            }
            if (_closed.Task.IsCompleted)
                throw new JanusException($"the connection was closed: {_closed.Task.Result}");
            _waiters.Add(waiter);
        }
        try
        {
            return await waiter.Task.WaitAsync(patience ?? Patience, _stop.Token);
        }
        catch (TimeoutException)
        {
            lock (_lock)
            {
                _waiters.Remove(waiter);
                throw new JanusException($"no reply in time; waiting are: {string.Join('\n', _frames.Select(frame => frame.ToJsonString()))}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _background;
        _socket.Dispose();
        _stop.Dispose();
        _sending.Dispose();
    }

    internal static string? Word(JsonNode frame) => Text(frame["janus"]);

    internal static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static ulong Success(JsonNode reply) =>
        Word(reply) == "success" ? reply["data"]!["id"]!.GetValue<ulong>() : throw new JanusException(reply.ToJsonString());

    private async Task ReceiveAsync()
    {
        var reason = "cut";
        try
        {
            while (await ReadAsync() is { } frame)
                Deliver(frame);
            reason = $"{_socket.CloseStatus} {_socket.CloseStatusDescription}";
        }
        catch (Exception problem) when (problem is WebSocketException or OperationCanceledException)
        {
            reason = problem.Message;
        }
        Close(reason);
    }

    private async Task<JsonNode?> ReadAsync()
    {
        for (var length = 0; ;)
        {
            if (length == _received.Length)
                Array.Resize(ref _received, Math.Min(length * 2, LongestFrameBytes));
            var part = await _socket.ReceiveAsync(_received.AsMemory(length), _stop.Token);
            if (part.MessageType == WebSocketMessageType.Close)
                return null;
            length += part.Count;
            if (part.EndOfMessage)
                return JsonNode.Parse(_received.AsSpan(0, length));
        }
    }

    private async Task KeepAliveAsync()
    {
        using var timer = new PeriodicTimer(KeepAliveInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token) && !_closed.Task.IsCompleted)
            {
                if (Session != 0)
                    await RequestAsync("keepalive");
            }
        }
        catch (Exception problem) when (problem is WebSocketException or OperationCanceledException or JanusException)
        {
            // The receiving side tells why the connection has ended.
        }
    }

    private void Deliver(JsonNode frame)
    {
        lock (_lock)
        {
            var waiter = _waiters.Find(waiter => waiter.Wants(frame));
            if (waiter is not null)
            {
                _waiters.Remove(waiter);
                waiter.SetResult(frame);
            }
            else if (_frames.Count < MostWaitingFrames)
                _frames.Add(frame);
        }
    }

    private void Close(string reason)
    {
        lock (_lock)
        {
            _closed.TrySetResult(reason);
            foreach (var waiter in _waiters)
                waiter.SetException(new JanusException($"the connection was closed: {reason}"));
            _waiters.Clear();
        }
    }

    private sealed class Waiter(Func<JsonNode, bool> wants) : TaskCompletionSource<JsonNode>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public Func<JsonNode, bool> Wants { get; } = wants;
    }
}
