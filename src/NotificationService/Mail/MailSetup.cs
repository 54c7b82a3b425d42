namespace NotificationService.Mail;

/// <summary>Chooses the way mails leave: SMTP when a server is configured, files otherwise.</summary>
internal static class MailSetup
{
    public static void AddMail(this WebApplicationBuilder builder)
    {
        var smtp = Read<SmtpOptions>(builder, SmtpOptions.Section);
        var mail = Read<MailOptions>(builder, MailOptions.Section);
        if (smtp.From is { Length: > 0 } from)
            mail = mail with { From = from };
        if ((smtp.FindProblem() ?? mail.FindProblem()) is { } problem)
            throw new InvalidOperationException(problem);

        builder.Services.AddSingleton(mail);
        builder.Services.AddSingleton<IMailTransport>(
            smtp.Host is { Length: > 0 } ? new SmtpTransport(smtp) : new OutboxTransport(Read<OutboxOptions>(builder, OutboxOptions.Section)));
    }

    private static TOptions Read<TOptions>(WebApplicationBuilder builder, string section) where TOptions : new() =>
        builder.Configuration.GetSection(section).Get<TOptions>() ?? new();
}
