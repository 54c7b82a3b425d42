using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace NotificationService.Mail;

/// <summary>Hands mails to a mail server (RFC 5321).</summary>
internal sealed class SmtpTransport(SmtpOptions options) : IMailTransport
{
    public string Description => $"SMTP to {options.Host}:{options.Port}, TLS {options.Tls}";

    public IMailSession OpenSession() => new SmtpSession(options);
}

/// <summary>One connection, kept from mail to mail and opened again after any trouble.</summary>
internal sealed class SmtpSession(SmtpOptions options) : IMailSession
{
    /// <summary>For each step of the dialogue. A server may take minutes (RFC 5321 section 4.5.3.2), but the caller's patience ends before.</summary>
    private static readonly TimeSpan StepTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Short, since it comes on top of an attempt that may have used up its own time.</summary>
    private static readonly TimeSpan FarewellTimeout = TimeSpan.FromSeconds(2);

    private SmtpClient? _client;

    public async Task<SendOutcome> SendAsync(string name, MimeMessage message, CancellationToken cancellationToken)
    {
        if (_client is not { IsConnected: true } && await ConnectAsync(cancellationToken) is { } unavailable)
            return unavailable;
        try
        {
            await _client!.SendAsync(message, cancellationToken);
            return new(SendResult.Accepted);
        }
        catch (Exception problem) when (SmtpFailures.Classify(problem) is { } outcome)
        {
            await DisposeAsync();
            return outcome;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not { } client)
            return;
        _client = null;
        try
        {
            using var patience = new CancellationTokenSource(FarewellTimeout);
            if (client.IsConnected)
                await client.DisconnectAsync(quit: true, patience.Token);
        }
        catch (Exception problem) when (SmtpFailures.IsConnectionTrouble(problem))
        {
            // A server that does not hear the farewell loses nothing.
        }
        client.Dispose();
    }

    private async Task<SendOutcome?> ConnectAsync(CancellationToken cancellationToken)
    {
        await DisposeAsync();
        _client = new SmtpClient { Timeout = (int)StepTimeout.TotalMilliseconds };
        try
        {
            await _client.ConnectAsync(options.Host!, options.Port, SecurityOf(options.Tls), cancellationToken);
            if (options.User is { Length: > 0 } user)
                await _client.AuthenticateAsync(user, options.Password ?? "", cancellationToken);
            return null;
        }
        catch (Exception problem) when (SmtpFailures.IsConnectionTrouble(problem))
        {
            await DisposeAsync();
            return new(SendResult.Unavailable, problem.Message);
        }
    }

    private static SecureSocketOptions SecurityOf(SmtpTls tls) => tls switch
    {
        SmtpTls.StartTls => SecureSocketOptions.StartTls,
        SmtpTls.OnConnect => SecureSocketOptions.SslOnConnect,
        SmtpTls.None => SecureSocketOptions.None,
        _ => SecureSocketOptions.Auto,
    };
}

/// <summary>What a failed attempt means for the mail.</summary>
internal static class SmtpFailures
{
    /// <returns>Null when the exception is no failure of the mail server, but of this program.</returns>
    public static SendOutcome? Classify(Exception problem) => problem switch
    {
        SmtpCommandException { ErrorCode: SmtpErrorCode.RecipientNotAccepted or SmtpErrorCode.MessageNotAccepted, StatusCode: >= (SmtpStatusCode)500 } refused =>
            new(SendResult.Rejected, Describe(refused)),
        // A sender that is refused is a matter of configuration: it holds up all mail alike, and none is lost over it.
        SmtpCommandException { ErrorCode: SmtpErrorCode.SenderNotAccepted, StatusCode: >= (SmtpStatusCode)500 } refused =>
            new(SendResult.Unavailable, Describe(refused)),
        SmtpCommandException later => new(SendResult.Deferred, Describe(later)),
        // RFC 6531: an address beyond ASCII, and a server that does not take such.
        NotSupportedException impossible => new(SendResult.Rejected, impossible.Message),
        // The connection broke amid one mail. Were that mail the reason, pausing all would never end; so only this one waits.
        _ when IsConnectionTrouble(problem) => new(SendResult.Deferred, problem.Message),
        _ => null,
    };

    public static bool IsConnectionTrouble(Exception problem) => problem is
        CommandException or ProtocolException or ServiceNotConnectedException or ServiceNotAuthenticatedException
        or AuthenticationException or SslHandshakeException or SocketException or IOException or TimeoutException or NotSupportedException
        or OperationCanceledException;

    private static string Describe(SmtpCommandException problem) => $"{(int)problem.StatusCode} {problem.Message}";
}
