using MimeKit;

namespace NotificationService.Mail;

/// <summary>
/// Writes each mail to a file of its own, for development and for setups where something else sends. A mail that is written again, because the
/// process died before it was recorded as sent, replaces its own file: exactly one file per mail, whatever happens.
/// </summary>
internal sealed class OutboxTransport(OutboxOptions options) : IMailTransport, IMailSession
{
    /// <summary>RFC 5322: lines end in CR LF, on every system.</summary>
    private static readonly FormatOptions Format = CrLf();

    private readonly string _folder = Path.GetFullPath(options.Path);

    public string Description => $"files in {_folder}";

    public IMailSession OpenSession()
    {
        Directory.CreateDirectory(_folder);
        return this;
    }

    public async Task<SendOutcome> SendAsync(string name, MimeMessage message, CancellationToken cancellationToken)
    {
        try
        {
            var unfinished = Path.Combine(_folder, $".{name}.tmp");
            await using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                await message.WriteToAsync(Format, file, cancellationToken);
                file.Flush(flushToDisk: true);
            }
            File.Move(unfinished, Path.Combine(_folder, $"{name}.eml"), overwrite: true);
            return new(SendResult.Accepted);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            return new(SendResult.Unavailable, problem.Message);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static FormatOptions CrLf()
    {
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        return format;
    }
}
