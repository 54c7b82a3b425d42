using MimeKit;

namespace NotificationService.Mail;

/// <summary>What every mail has, whichever way it leaves. Section <c>Mail</c>.</summary>
internal sealed record MailOptions
{
    public const string Section = "Mail";
    public const string MeetingIdPlaceholder = "{meetingId}";

    /// <summary>Sender of all mail, such as <c>Meetings &lt;no-reply@example.org&gt;</c>; <c>Smtp:From</c> says the same. Bounces go there.</summary>
    public string From { get; init; } = "Meetings <meetings@localhost>";

    /// <summary>Address of the page that joins a meeting, with <c>{meetingId}</c> where its id belongs; none for mails without a link.</summary>
    public string? JoinLink { get; init; }

    public MailboxAddress Sender => MailboxAddress.Parse(From);

    public string? JoinLinkOf(string meetingId) => JoinLink?.Replace(MeetingIdPlaceholder, meetingId, StringComparison.Ordinal);

    /// <returns>The first rule that is broken, with the name of the setting; null when none is.</returns>
    public string? FindProblem()
    {
        if (!MailboxAddress.TryParse(From, out var sender) || sender.Domain.Length == 0)
            return $"{Section}:From is not a mail address: {From}";
        if (JoinLink is not null && !(Uri.TryCreate(JoinLinkOf("0"), UriKind.Absolute, out var link) && link.Scheme is "https" or "http"))
            return $"{Section}:JoinLink is not an http or https address: {JoinLink}";
        return null;
    }
}

/// <summary>The mail server. Section <c>Smtp</c>; without a host, mails become files (<see cref="OutboxOptions"/>).</summary>
internal sealed record SmtpOptions
{
    public const string Section = "Smtp";

    public string? Host { get; init; }

    /// <summary>587 is submission (RFC 6409), 465 submission over TLS (RFC 8314), 25 relay.</summary>
    public int Port { get; init; } = 587;

    /// <summary>Null to send without signing in.</summary>
    public string? User { get; init; }

    public string? Password { get; init; }

    /// <summary>How the connection is protected.</summary>
    public SmtpTls Tls { get; init; } = SmtpTls.Auto;

    /// <summary>Takes the place of <see cref="MailOptions.From"/>.</summary>
    public string? From { get; init; }

    public string? FindProblem() => Host is { Length: > 0 } && Port is < 1 or > 65535 ? $"{Section}:Port is not between 1 and 65535: {Port}" : null;
}

internal enum SmtpTls
{
    /// <summary>TLS from the start on port 465, else STARTTLS where the server offers it.</summary>
    Auto,

    /// <summary>STARTTLS, or no mail.</summary>
    StartTls,

    /// <summary>TLS from the start.</summary>
    OnConnect,

    /// <summary>No protection: for a relay on the same machine or a closed network.</summary>
    None,
}

/// <summary>Mails as files, one <c>.eml</c> each. Section <c>Outbox</c>.</summary>
internal sealed record OutboxOptions
{
    public const string Section = "Outbox";

    /// <summary>The folder; a relative path starts at the working directory.</summary>
    public string Path { get; init; } = ".platform/outbox";
}
