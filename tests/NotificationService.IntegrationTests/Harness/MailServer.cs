using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace NotificationService.IntegrationTests.Harness;

/// <summary>A mail that the server said "250" to.</summary>
public sealed record ReceivedMail(string Recipient, string Text);

/// <summary>A small mail server: as much of RFC 5321 as a client needs to hand over mails, in the clear.</summary>
public sealed class MailServer : IAsyncDisposable
{
    private const string Accepted = "250 OK";

    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _sessions = [];
    private readonly Func<string, string> _answerRecipient;
    private readonly Task _accepting;

    /// <param name="port">0 for a free one.</param>
    /// <param name="answerRecipient">The reply to a recipient; "250 OK" when not given.</param>
    public MailServer(int port = 0, Func<string, string>? answerRecipient = null)
    {
        _answerRecipient = answerRecipient ?? (_ => Accepted);
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public ConcurrentQueue<ReceivedMail> Received { get; } = new();

    /// <summary>A port that nothing listens on.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_sessions);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _sessions.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException)
        {
            // The server was stopped.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
                await TalkAsync(new StreamReader(client.GetStream(), Encoding.UTF8), new StreamWriter(client.GetStream()) { NewLine = "\r\n", AutoFlush = true });
        }
        catch (Exception end) when (end is OperationCanceledException or IOException)
        {
            // The server was stopped, or the client died.
        }
    }

    private async Task TalkAsync(StreamReader reader, StreamWriter writer)
    {
        await writer.WriteLineAsync("220 test ESMTP");
        var recipient = "";
        while (await reader.ReadLineAsync(_stop.Token) is { } line)
        {
            switch (line.Split([' ', ':'], 2)[0].ToUpperInvariant())
            {
                case "EHLO" or "HELO":
                    await writer.WriteLineAsync("250 test");
                    break;
                case "MAIL" or "RSET" or "NOOP":
                    await writer.WriteLineAsync(Accepted);
                    break;
                case "RCPT":
                    recipient = line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.IndexOf('>', StringComparison.Ordinal)];
                    await writer.WriteLineAsync(_answerRecipient(recipient));
                    break;
                case "DATA":
                    await writer.WriteLineAsync("354 Go ahead");
                    Received.Enqueue(new(recipient, await ReadDataAsync(reader)));
                    await writer.WriteLineAsync(Accepted);
                    break;
                case "QUIT":
                    await writer.WriteLineAsync("221 Bye");
                    return;
                default:
                    await writer.WriteLineAsync("502 Unknown");
                    break;
            }
        }
    }

    private async Task<string> ReadDataAsync(StreamReader reader)
    {
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(_stop.Token) is { } line && line != ".")
            // RFC 5321 section 4.5.2: a line that begins with a dot got another one.
            text.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        return text.ToString();
    }
}
