using MimeKit;

namespace NotificationService.Mail;

/// <summary>A way for mails to leave.</summary>
internal interface IMailTransport
{
    /// <summary>For people: where mails go.</summary>
    string Description { get; }

    /// <summary>A session is used by one sender at a time; it may hold a connection, opened with the first mail.</summary>
    IMailSession OpenSession();
}

internal interface IMailSession : IAsyncDisposable
{
    /// <param name="name">The same in every attempt to send the same mail; safe as a file name.</param>
    /// <param name="message">The mail.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    Task<SendOutcome> SendAsync(string name, MimeMessage message, CancellationToken cancellationToken);
}

internal enum SendResult
{
    /// <summary>The mail is the other side's now.</summary>
    Accepted,

    /// <summary>Not this mail, not now: later may do.</summary>
    Deferred,

    /// <summary>Not this mail, ever.</summary>
    Rejected,

    /// <summary>No mail at all at the moment; it has nothing to do with this one.</summary>
    Unavailable,
}

internal readonly record struct SendOutcome(SendResult Result, string? Problem = null);
