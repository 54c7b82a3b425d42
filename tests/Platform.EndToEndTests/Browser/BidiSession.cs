using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Platform.EndToEndTests.Browser;

/// <summary>
/// WebDriver BiDi (w3c.github.io/webdriver-bidi), which Firefox itself speaks on a WebSocket: the few commands that a test needs, one after the other. Playwright drives
/// builds of Firefox of its own only.
/// </summary>
internal sealed class BidiSession : IDisposable
{
    /// <summary>For one command; joining a call on a busy machine is no command, but a click.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ClientWebSocket _socket = new();
    private long _lastId;

    private string Context { get; set; } = "";

    public static async Task<BidiSession> OpenAsync(Uri browser)
    {
        var session = new BidiSession();
        await session._socket.ConnectAsync(new(browser, "session"), CancellationToken.None);
        await session.SendAsync("session.new", new { capabilities = new { } });
        var tree = await session.SendAsync("browsingContext.getTree", new { });
        session.Context = tree["contexts"]![0]!["context"]!.GetValue<string>();
        return session;
    }

    public Task NavigateAsync(Uri url) => SendAsync("browsingContext.navigate", new { context = Context, url = url.ToString(), wait = "complete" });

    /// <param name="expression">Of JavaScript; a promise is waited for.</param>
    /// <returns>What it is as a string; null for undefined and null.</returns>
    public async Task<string?> EvaluateAsync(string expression)
    {
        var answer = await SendAsync("script.evaluate", new { expression, target = new { context = Context }, awaitPromise = true });
        if (answer["type"]!.GetValue<string>() != "success")
            throw new InvalidOperationException($"{expression}: {answer["exceptionDetails"]?["text"]}");
        return answer["result"]!["value"]?.ToString();
    }

    public void Dispose() => _socket.Dispose();

    private async Task<JsonNode> SendAsync(string method, object parameters)
    {
        using var patience = new CancellationTokenSource(Patience);
        var id = ++_lastId;
        await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(new { id, method, @params = parameters }), WebSocketMessageType.Text, true, patience.Token);
        while (true)
        {
            // Events come between, and answers in order.
            var message = await ReceiveAsync(patience.Token);
            if (message["id"]?.GetValue<long>() != id)
                continue;
            return message["result"] ?? throw new InvalidOperationException($"{method}: {message["error"]} {message["message"]}");
        }
    }

    private async Task<JsonNode> ReceiveAsync(CancellationToken cancellation)
    {
        using var message = new MemoryStream();
        var buffer = new byte[16 * 1024];
        ValueWebSocketReceiveResult part;
        do
        {
            part = await _socket.ReceiveAsync(buffer.AsMemory(), cancellation);
            message.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);
        return JsonNode.Parse(message.ToArray())!;
    }
}
