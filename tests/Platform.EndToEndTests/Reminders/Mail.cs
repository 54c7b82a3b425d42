namespace Platform.EndToEndTests.Reminders;

/// <summary>A mail in the outbox.</summary>
internal sealed record Mail(string FileName, string Recipient, string Text)
{
    private const string ToHeader = "To: ";

    public static Mail Read(string path)
    {
        var text = File.ReadAllText(path);
        var to = text.Split('\n').First(line => line.StartsWith(ToHeader, StringComparison.OrdinalIgnoreCase));
        return new(Path.GetFileName(path), to[ToHeader.Length..].Trim('<', '>', ' ', '\r'), text);
    }

    /// <summary>The meeting's id is in the file's name and in the mail.</summary>
    public bool IsAbout(string meeting) => FileName.Contains(meeting, StringComparison.Ordinal);
}
